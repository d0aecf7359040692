"""A list as a file for a spreadsheet, sent row by row as it is read."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse
from django.utils import timezone

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""A cell that starts with one of these would be run by a spreadsheet."""
AT_ONCE = 1000
"""Rows that are read from the database at a time."""


def dated(name: str) -> str:
    """The name with today's date, for a list that is another one tomorrow."""
    return f"{name}-{timezone.localdate():%Y-%m-%d}"


class _Line:
    """What csv writes to: it hands each line on."""

    def write(self, line: str) -> str:
        return line


def csv_file(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> StreamingHttpResponse:
    """A file of this name. `rows` are read while it is sent: after the view has returned, and outside its time zone."""
    answer = StreamingHttpResponse(_lines(head, rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _lines(head: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    writer = csv.writer(_Line(), quoting=csv.QUOTE_ALL)  # some spreadsheets take a semicolon for the end of a cell
    yield "\ufeff"  # so that Excel reads UTF-8
    yield writer.writerow(head)
    for row in rows:
        yield writer.writerow([cell(value) for value in row])


def cell(value: object) -> object:
    """Text that a spreadsheet would take for a formula is kept as text (OWASP, CSV injection); numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.lstrip(" ").startswith(FORMULA) else value
