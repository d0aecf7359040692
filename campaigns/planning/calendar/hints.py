"""What a planner would rather know before than after: silences longer than a campaign's rhythm, and what stands in one
another's way. Nothing here forbids anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from typing import NamedTuple

from django.utils import timezone

from campaigns.planning import organisation_clock
from campaigns.planning.calendar import entries as calendar
from campaigns.planning.calendar import named_days
from campaigns.planning.models import WAITING, Campaign, Publication, PublicationState, QuietPeriod
from campaigns.planning.services.timing import quiet_periods

NEAR = timedelta(minutes=15)
"""Closer together than this, two posts on one channel take each other's readers."""
GONE_OUT = frozenset({PublicationState.SENDING, PublicationState.SENT, PublicationState.UNKNOWN})
GOING_OUT = GONE_OUT | {PublicationState.SCHEDULED}


@dataclass(frozen=True)
class Gap:
    """Days in a row on which nothing of a campaign goes out, more of them than its rhythm allows."""

    campaign_id: int
    campaign: str
    rhythm_days: int
    first: date
    last: date

    @property
    def words(self) -> str:
        first, last = organisation_clock.format_short_day(self.first), organisation_clock.format_short_day(self.last)
        return f"No “{self.campaign}” posts from {first} to {last}. Its posting rhythm is {_every(self.rhythm_days)}."


@dataclass(frozen=True)
class Clash:
    kind: str
    """near | quiet | bank_holiday"""
    at: datetime
    words: str
    publication_ids: tuple[int, ...] = ()
    event_id: int | None = None


@dataclass(frozen=True)
class Hints:
    gaps: list[Gap]
    clashes: list[Clash]


class _Outgoing(NamedTuple):
    id: int
    at: datetime
    state: str
    channel_id: int
    channel: str
    campaign_id: int | None


def find_hints(
    *,
    first: date,
    last: date,
    campaigns: Iterable[Campaign],
    events: Iterable[calendar.Entry],
    now: datetime | None = None,
) -> Hints:
    """Gaps of these campaigns that reach into the days from `first` to `last` and are not over, and clashes of what
    still waits then; `events` are looked at for bank holidays. Two queries, each bounded by the span and the longest
    rhythm."""
    today = organisation_clock.today(now)
    rhythmic = [campaign for campaign in campaigns if campaign.rhythm_days and _runs(campaign, first, last)]
    reach = timedelta(days=max((campaign.rhythm_days or 0 for campaign in rhythmic), default=0))
    outgoing = list(_outgoing(first - reach, last + reach))
    start, end = organisation_clock.span_of(first, last)
    shown = [each for each in outgoing if start <= each.at < end]
    clashes = [*_near(shown), *_in_quiet_times(shown), *_on_bank_holidays(events, first, last, today)]
    gaps = [gap for campaign in rhythmic for gap in _gaps(campaign, outgoing, first, last, today)]
    return Hints(sorted(gaps, key=lambda gap: gap.first), sorted(clashes, key=lambda clash: clash.at))


def hints_between(*, first: date, last: date) -> Hints:
    """The same for whoever has read neither campaigns nor events yet."""
    start, end = organisation_clock.span_of(first, last)
    events = calendar.entries(start=start, end=end, filters=calendar.Filters(types=frozenset({"event"})))
    return find_hints(first=first, last=last, campaigns=Campaign.objects.exclude(rhythm_days=None), events=events)


def _runs(campaign: Campaign, first: date, last: date) -> bool:
    return campaign.starts_on <= last and (campaign.ends_on is None or campaign.ends_on >= first)


def _outgoing(first: date, last: date) -> Iterator[_Outgoing]:
    start, end = organisation_clock.span_of(first, last)
    rows = Publication.objects.filter(publish_at__gte=start, publish_at__lt=end).order_by("publish_at", "pk")
    columns = ("pk", "publish_at", "state", "channel_id", "channel__name", "content__campaign_id")
    for row in rows.values_list(*columns):
        if row[2] in GOING_OUT or row[2] in WAITING:
            yield _Outgoing(*row)


def _gaps(campaign: Campaign, outgoing: Sequence[_Outgoing], first: date, last: date, today: date) -> Iterator[Gap]:
    rhythm = campaign.rhythm_days or 0
    busy = {
        organisation_clock.day_of(each.at)
        for each in outgoing
        if each.campaign_id == campaign.pk and each.state in GOING_OUT
    }
    day = max(campaign.starts_on, first - timedelta(days=rhythm))
    until = min(campaign.ends_on or date.max, last + timedelta(days=rhythm))
    days = [day + timedelta(days=n) for n in range((until - day).days + 1)]
    for silent, run in groupby(days, key=lambda each: each not in busy):
        still = list(run)
        if silent and len(still) > rhythm and still[0] <= last and still[-1] >= max(first, today):
            yield Gap(campaign.pk, campaign.name, rhythm, still[0], still[-1])


def _near(outgoing: Sequence[_Outgoing]) -> Iterator[Clash]:
    by_channel = sorted(outgoing, key=lambda each: (each.channel_id, each.at, each.id))
    for one, other in pairwise(by_channel):
        near = one.channel_id == other.channel_id and other.at - one.at < NEAR
        if near and (one.state in WAITING or other.state in WAITING):
            words = f"2 posts on {one.channel} within 15 minutes: {_two(one.at, other.at)}."
            yield Clash("near", one.at, words, publication_ids=(one.id, other.id))


def _in_quiet_times(outgoing: Sequence[_Outgoing]) -> Iterator[Clash]:
    waiting = [each for each in outgoing if each.state in WAITING]
    periods: dict[int, list[QuietPeriod]] = {}
    for period in QuietPeriod.objects.select_related("channel"):
        periods.setdefault(period.channel_id, []).append(period)
    for each in waiting:
        rest = quiet_periods.quiet_time_among(periods.get(each.channel_id, []), each.at)
        if rest is not None:
            reason = rest.reason.removesuffix(".")
            words = f"{reason}. The post scheduled for {_time(each.at)} waits until {_time(rest.until)}."
            yield Clash("quiet", each.at, words, publication_ids=(each.id,))


def _on_bank_holidays(events: Iterable[calendar.Entry], first: date, last: date, today: date) -> Iterator[Clash]:
    holidays = {day: name for day, name in named_days.bank_holidays(first, last).items() if day >= today}
    for event in events:
        if event.type != "event" or event.cancelled:
            continue
        begins, ends = organisation_clock.day_of(event.at), organisation_clock.day_of(event.ends_at or event.at)
        for day, name in holidays.items():
            if begins <= day <= ends:
                words = f"“{event.title}” is on a bank holiday: {organisation_clock.format_short_day(day)}, {name}."
                yield Clash("bank_holiday", event.at, words, event_id=event.content_id)


def _time(at: datetime) -> str:
    """On the reader's clock, as everything beside it."""
    return organisation_clock.format_short_moment(at, timezone.get_current_timezone())


def _two(one: datetime, other: datetime) -> str:
    one_day = timezone.localdate(one) == timezone.localdate(other)
    short = f"{timezone.localtime(other):%H:%M}" if one_day else _time(other)
    return f"{_time(one)} and {short}"


def _every(days: int) -> str:
    return "at least one post every day" if days == 1 else f"at least one post every {days} days"
