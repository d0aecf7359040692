"""Tables that a person takes away as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import StreamingHttpResponse

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Line:
    """What csv writes to: it hands each line back."""

    def write(self, line: str) -> str:
        return line


def as_csv(*, name: str, head: list[str], rows: Iterable[Iterable[Any]]) -> StreamingHttpResponse:
    """A CSV file, sent while it is read. UTF-8 with a mark, by which spreadsheets know it."""
    answer = StreamingHttpResponse(_written(head, rows), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def _written(head: list[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(head)
    for row in rows:
        yield writer.writerow([safe(cell) for cell in row])


def safe(cell: Any) -> Any:
    """Text that a spreadsheet would take for a formula is kept as text (OWASP, CSV injection). Numbers stay numbers."""
    return f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(STARTS_A_FORMULA) else cell
