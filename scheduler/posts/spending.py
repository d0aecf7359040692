"""What posts cost on channels that charge, in thousandths of a US dollar: spent, planned, and the cap that is never
passed. A month is a calendar month in UTC, as such channels bill."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db.models import BigIntegerField, Case, Count, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce

from campaigns.planning.models import Channel, Publication, SentPost
from scheduler.channels import registry
from scheduler.connections.models import Connection
from scheduler.engine.models import Attempt
from scheduler.posts import drafts

PLANNED_AT_MOST = 500
"""Publications that are composed to say what they will cost; nobody plans more for one month on one channel."""


@dataclass(frozen=True)
class Spending:
    spent: int
    planned: int
    """By what waits for the rest of the month, as it is worded now."""
    cap: int | None

    @property
    def exceeds_cap(self) -> bool:
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
    ids, month = list(channel_ids), month_of(at)
    sent, tried = (
        _by_channel(rows.filter(publication__channel_id__in=ids))
        for rows in (SentPost.objects.charged(*month), Attempt.objects.charged(*month))
    )
    found = dict.fromkeys(ids, 0)
    # In one statement: what becomes sent meanwhile counts once.
    for channel_id, total in sent.union(tried, all=True):
        found[channel_id] += total
    return found


def _by_channel(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    found: QuerySet[Any, Any] = rows.order_by().values_list("publication__channel_id").annotate(total=Sum("price"))
    return found


@dataclass(frozen=True)
class ChannelCharge:
    """What one channel charged for so many posts."""

    channel_id: int
    channel: str
    posts: int
    total: int


def charged_to_campaign(campaign_id: int) -> list[ChannelCharge]:
    """By what was accepted of a campaign's posts, or may have been, of all months; by channel."""
    found: dict[int, ChannelCharge] = {}
    sent, tried = (
        rows.filter(publication__content__campaign_id=campaign_id)
        .order_by()
        .values_list("publication__channel_id", "publication__channel__name")
        .annotate(posts=Count("publication", distinct=True), total=Sum("price"))
        for rows in (SentPost.objects.charged(), Attempt.objects.charged())
    )
    for channel_id, name, posts, total in sent.union(tried, all=True):
        before = found.get(channel_id, ChannelCharge(channel_id, name, 0, 0))
        found[channel_id] = replace(before, posts=before.posts + posts, total=before.total + total)
    return sorted(found.values(), key=lambda each: each.channel)


def cap_refusal(connection: Connection, price: int, now: datetime) -> str:
    """A sentence where this price would pass the cap, else nothing. Locks the connection where it has a cap, so that
    two workers cannot both take the last of it. Call inside the transaction that writes the attempt."""
    if not price or connection.monthly_cap is None:
        return ""
    cap = Connection.objects.select_for_update().get(pk=connection.pk).monthly_cap
    so_far = spent(connection.channel_id, now)
    if cap is None or so_far + price <= cap:
        return ""
    return (
        f"It costs {dollars(price)}, and {dollars(so_far)} of this month's {dollars(cap)} is spent. Raise the "
        "cap, or release it next month."
    )


def of(connection: Connection, now: datetime) -> Spending:
    """This month so far, and what is still planned in it."""
    channel_id = connection.channel_id
    waiting = Publication.objects.waiting().filter(planned_on([channel_id], now)).with_content()[:PLANNED_AT_MOST]
    planned = planned_by(waiting, {channel_id: connection})
    return Spending(spent(channel_id, now), planned[channel_id], connection.monthly_cap)


def planned_on(channel_ids: Collection[int], now: datetime) -> Q:
    """Chooses, of the publications that wait, those which still cost something this month."""
    _, end = month_of(now)
    return Q(channel_id__in=channel_ids, publish_at__lt=end)


def planned_by(waiting: Iterable[Publication], connections: Mapping[int, Connection]) -> dict[int, int]:
    """What these cost as they are worded now, by channel; read with `with_content`. What does not fit will not go out
    so, and costs nothing."""
    rows = list(waiting)
    planned = dict.fromkeys(connections, 0)
    for row, price in zip(rows, drafts.prices(rows, connections=connections), strict=True):
        planned[row.channel_id] = planned.get(row.channel_id, 0) + price
    return planned


def with_spent(channels: QuerySet[Channel], now: datetime) -> QuerySet[Channel]:
    """Channels with `spent`: this month so far, asked of those alone that charge."""
    month = month_of(now)
    charging = [kind for kind, adapter in registry.adapter_classes().items() if adapter.abilities.charges]
    nothing = Value(0, output_field=BigIntegerField())
    sent, tried = (
        Coalesce(Subquery(_by_channel(rows.filter(publication__channel_id=OuterRef("pk"))).values("total")), nothing)
        for rows in (SentPost.objects.charged(*month), Attempt.objects.charged(*month))
    )
    its_own = When(connection__kind__in=charging, then=sent + tried)
    return channels.annotate(spent=Case(its_own, default=nothing, output_field=BigIntegerField()))


def dollars(thousandths: int) -> str:
    return f"${thousandths / 1000:.2f}" if thousandths % 10 == 0 else f"${thousandths / 1000:.3f}"
