"""An item in words: its facts. Pages, feeds and the console say the same, on the organisation's clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from campaigns.planning import clock
from campaigns.planning.models import ContentKind
from campaigns.website import markdown as text
from campaigns.website.models import Item


@dataclass(frozen=True)
class Detail:
    label: str
    text: str
    at: datetime | None = None
    """The moment that the text names, for machines."""
    url: str = ""


def lead(item: Item) -> str:
    """The summary, unless it only repeats how the text begins."""
    summary = item.summary.strip()
    return "" if text.words(item.html).startswith(summary.rstrip("…")) else summary


def details_of(item: Item) -> list[Detail]:
    return list(_FACTS[item.kind](item.details)) if item.kind in _FACTS else []


def _vacancy(details: dict[str, Any]) -> Iterator[Detail]:
    opens, closes = when(details.get("opens_at")), when(details.get("closes_at"))
    salary = salary_of(details)
    yield from _given(details, ("Team", "team"), ("Location", "location"), ("Postcode", "postcode"))
    if salary:
        yield Detail("Salary", salary)
    yield from _given(details, ("Pay band", "pay_band"))
    if closes:
        yield Detail("Closes", clock.format_moment(closes), at=closes)
    yield from _given(details, ("Contract", "contract"), ("Working pattern", "pattern"))
    if details.get("hours_per_week"):
        yield Detail("Hours", f"{details['hours_per_week']} a week")
    if details.get("childcare_offered"):
        yield Detail("Childcare", "Offered")
    if (details.get("headcount") or 1) > 1:
        yield Detail("Number of jobs", str(details["headcount"]))
    yield from _given(details, ("Staff group", "staff_group"), ("Reference", "reference"))
    if opens:
        yield Detail("Applications from", clock.format_moment(opens), at=opens)


def _event(details: dict[str, Any]) -> Iterator[Detail]:
    yield from _given(details, ("Kind", "kind_label"))
    start, end = when(details.get("starts_at")), when(details.get("ends_at"))
    if start:
        yield Detail("When", clock.format_span(start, end), at=start)
    yield from _given(details, ("Place", "place"))
    if details.get("online_url"):
        yield Detail("Online", "Join online", url=details["online_url"])
    yield from _given(details, ("Host", "host_team"))
    if details.get("capacity"):
        yield Detail("Places", str(details["capacity"]))
    if details.get("childcare_offered"):
        yield Detail("Childcare", "Offered")


def _bulletin(details: dict[str, Any]) -> Iterator[Detail]:
    names = details.get("spotlights") or []
    if names:
        yield Detail("In the spotlight", ", ".join(names))


_FACTS: dict[str, Callable[[dict[str, Any]], Iterator[Detail]]] = {
    ContentKind.VACANCY: _vacancy,
    ContentKind.EVENT: _event,
    ContentKind.BULLETIN: _bulletin,
}


def _given(details: dict[str, Any], *names: tuple[str, str]) -> Iterator[Detail]:
    for label, name in names:
        if details.get(name):
            yield Detail(label, str(details[name]))


def when(value: str | None) -> datetime | None:
    return parse_datetime(value) if value else None


def salary_of(details: dict[str, Any]) -> str:
    low, high = details.get("salary_min_pence"), details.get("salary_max_pence")
    unit = details.get("salary_unit_label", "")
    if low is not None and high is not None and low != high:
        return f"{pounds(low)} to {pounds(high)} {unit}"
    amount = low if low is not None else high
    return f"{pounds(amount)} {unit}" if amount is not None else ""


def pounds(pence: int) -> str:
    return f"£{pence // 100:,}" if pence % 100 == 0 else f"£{pence / 100:,.2f}"
