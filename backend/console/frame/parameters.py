"""What an address or a form says, read so that nothing in it breaks a page, and the row that an address names."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_date

from campaigns.planning import organisation_clock

WORDS_AT_MOST = 100  # characters
DIGITS_AT_MOST = 18
"""So that it fits the database's numbers."""


def number(text: str) -> int | None:
    """A row's number; None for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS_AT_MOST else None


def named(rows: Any, text: str) -> Any:
    """The row of this number, of a manager or a query; None where there is none."""
    pk = number(text)
    return None if pk is None else rows.filter(pk=pk).first()


def words(request: HttpRequest, name: str = "q", *, at_most: int = WORDS_AT_MOST) -> str:
    """Words to search by. No text of ours holds a null character, and the database refuses one."""
    return request.GET.get(name, "").replace("\x00", "").strip()[:at_most]


def day(text: str) -> date | None:
    """A day of the calendar; None for what is none, such as 31 February, and for years that nobody plans."""
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found is not None and organisation_clock.is_within_years(found) else None


def row(request: HttpRequest, rows: Any, pk: int, *, of: tuple[str, ...] = ()) -> Any:
    """The row of this number, of a manager or a query; while it is saved, nobody else changes it. `of` are the tables
    that are locked then, where the query joins others. Raises Http404."""
    return get_object_or_404(rows.select_for_update(of=of) if request.method == "POST" else rows, pk=pk)
