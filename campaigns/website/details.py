"""An item in words: its facts. Pages, feeds and the console say the same, on the organisation's organisation_clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from campaigns.planning import organisation_clock
from campaigns.website import markdown as text
from campaigns.website.models import Item
from campaigns.website.page_details import BulletinDetails, EventDetails, VacancyDetails


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
    """What its kind has to tell, in order; nothing that was left empty. Raises UnreadableDetails."""
    details = item.page_details
    if isinstance(details, VacancyDetails):
        told = _vacancy(details)
    elif isinstance(details, EventDetails):
        told = _event(details)
    elif isinstance(details, BulletinDetails):
        told = _bulletin(details)
    else:
        return []
    return [detail for detail in told if detail.text]


def _vacancy(details: VacancyDetails) -> Iterator[Detail]:
    yield Detail("Team", details.team)
    yield Detail("Location", details.location)
    yield Detail("Postcode", details.postcode)
    yield Detail("Salary", salary_of(details))
    yield Detail("Pay band", details.pay_band)
    yield Detail("Closes", organisation_clock.format_moment(details.closes_at), at=details.closes_at)
    yield Detail("Contract", details.contract)
    yield Detail("Working pattern", details.pattern)
    if details.hours_per_week:
        yield Detail("Hours", f"{details.hours_per_week} a week")
    if details.childcare_offered:
        yield Detail("Childcare", "Offered")
    if details.headcount > 1:
        yield Detail("Number of jobs", str(details.headcount))
    yield Detail("Staff group", details.staff_group)
    yield Detail("Reference", details.reference)
    yield Detail("Applications from", organisation_clock.format_moment(details.opens_at), at=details.opens_at)


def _event(details: EventDetails) -> Iterator[Detail]:
    yield Detail("Kind", details.kind_label)
    yield Detail("When", organisation_clock.format_span(details.starts_at, details.ends_at), at=details.starts_at)
    yield Detail("Place", details.place)
    if details.online_url:
        yield Detail("Online", "Join online", url=details.online_url)
    yield Detail("Host", details.host_team)
    if details.capacity:
        yield Detail("Places", str(details.capacity))
    if details.childcare_offered:
        yield Detail("Childcare", "Offered")


def _bulletin(details: BulletinDetails) -> Iterator[Detail]:
    yield Detail("In the spotlight", ", ".join(details.spotlights))


def salary_of(details: VacancyDetails) -> str:
    low, high = details.salary_min_pence, details.salary_max_pence
    if low is not None and high is not None and low != high:
        return f"{pounds(low)} to {pounds(high)} {details.salary_unit_label}"
    amount = low if low is not None else high
    return f"{pounds(amount)} {details.salary_unit_label}" if amount is not None else ""


def pounds(pence: int) -> str:
    return f"£{pence // 100:,}" if pence % 100 == 0 else f"£{pence / 100:,.2f}"
