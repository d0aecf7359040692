"""What posts cost on channels that charge, in thousandths of a US dollar: spent, planned, and the cap that is never
passed. A month is a calendar month in UTC, as such channels bill."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Sum

from campaigns.planning.models import Publication
from scheduler import drafts
from scheduler.channels.contract import Payload
from scheduler.models import Attempt, Connection

CODE = "price_cap"
PLANNED_AT_MOST = 500
"""Publications that are composed to say what they will cost; nobody plans more for one month on one channel."""


@dataclass(frozen=True)
class Spending:
    spent: int
    planned: int
    """By what waits for the rest of the month, as it is worded now."""
    cap: int | None

    @property
    def passes_the_cap(self) -> bool:
        return self.cap is not None and self.spent + self.planned > self.cap


def month_of(at: datetime) -> tuple[datetime, datetime]:
    """Its first moment, and the first of the next."""
    start = at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)


def spent(channel_id: int, at: datetime) -> int:
    """By what was accepted in this month, or may have been."""
    return spent_by([channel_id], at)[channel_id]


def spent_by(channel_ids: Iterable[int], at: datetime) -> dict[int, int]:
    """The same for several channels, by their ids."""
    start, end = month_of(at)
    ids = list(channel_ids)
    tries = Attempt.objects.filter(publication__channel_id__in=ids, started_at__gte=start, started_at__lt=end)
    paid = tries.filter(price__gt=0).exclude(outcome=Attempt.Outcome.NOT_SENT).order_by()
    found = paid.values_list("publication__channel_id").annotate(total=Sum("price"))
    return dict.fromkeys(ids, 0) | dict(found)


def why_too_dear(connection: Connection, price: int, now: datetime) -> str:
    """A sentence where this price would pass the cap, else nothing. Locks the connection where it has a cap, so that
    two workers cannot both take the last of it. Call inside the transaction that writes the attempt."""
    if not price or connection.monthly_cap is None:
        return ""
    cap = Connection.objects.select_for_update().get(pk=connection.pk).monthly_cap
    so_far = spent(connection.channel_id, now)
    if cap is None or so_far + price <= cap:
        return ""
    return (
        f"It costs {dollars(price)}, and {dollars(so_far)} of this month's {dollars(cap)} are spent. "
        "Raise the cap, or release it next month."
    )


def of(connection: Connection, now: datetime) -> Spending:
    """This month so far, and what is still planned in it."""
    _, end = month_of(now)
    waiting = Publication.objects.waiting().filter(channel_id=connection.channel_id, publish_at__lt=end)
    wanted = [(publication, ()) for publication in waiting.with_content()[:PLANNED_AT_MOST]]
    found = drafts.payloads(wanted, connections={connection.channel_id: connection})
    planned = sum(payload.price for payload in found if isinstance(payload, Payload))  # others will not go out so
    return Spending(spent(connection.channel_id, now), planned, connection.monthly_cap)


def dollars(thousandths: int) -> str:
    return f"${thousandths / 1000:.2f}" if thousandths % 10 == 0 else f"${thousandths / 1000:.3f}"
