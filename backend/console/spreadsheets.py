"""What a page shows, as a file for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so would be carried out instead of shown."""


def answer(name: str, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """A CSV file of this name. The mark at its front makes Excel read it as UTF-8."""
    told = HttpResponse(content_type="text/csv; charset=utf-8")
    told.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    told.write("\ufeff")
    written = csv.writer(told)
    written.writerow(head)
    written.writerows([_plain(cell) for cell in row] for row in rows)
    return told


def _plain(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
