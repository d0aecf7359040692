"""Source of hire: which channel gets the credit, counted by one aggregated query, each figure open to its rows.
Faces print the definition beside the figure. What is told to whoever may not open the hires is for small_numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from types import EllipsisType, MappingProxyType
from typing import Any

from django.db.models import Count, Sum, TextChoices

from campaigns.figures.periods import Period
from campaigns.hiring.errors import InvalidHiring
from campaigns.hiring.models import AttributionModel, Hire
from campaigns.hiring.models.hire import HireQuerySet
from campaigns.planning.models import Channel

DEFINITIONS: Mapping[AttributionModel, str] = MappingProxyType(
    {
        AttributionModel.FIRST: "First touch: all the credit for a hire goes to the channel of the earliest touch "
        "on record, up to the end of the day on which the offer was accepted. Touches are tracked links, "
        "event check-ins and meetings recorded manually.",
        AttributionModel.LAST: "Last touch: all the credit for a hire goes to the channel of the latest touch on "
        "record, up to the end of the day on which the offer was accepted. Touches are tracked links, event "
        "check-ins and meetings recorded manually.",
        AttributionModel.STATED: (
            "Stated: all the credit for a hire goes to the channel that the candidate named when asked. It is "
            "kept separate from what was tracked."
        ),
    }
)
NOT_RECORDED = "Not recorded"


class Grouping(TextChoices):
    """What the rows of the report are. Team and campaign are those of the vacancy that was filled."""

    CHANNEL = "channel", "Channel"
    TEAM = "team", "Team"
    CAMPAIGN = "campaign", "Campaign"


_GROUPS = {
    Grouping.TEAM: ("vacancy__team_id", "vacancy__team__name", "No team"),
    Grouping.CAMPAIGN: ("vacancy__campaign_id", "vacancy__campaign__name", "No campaign"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """Hires of one channel, team or campaign; `key` is its id, None for "not recorded", "no team", "no campaign".
    `share` is of the hires of what the row belongs to: the report, or for one of `sources` the row above it."""

    key: int | None
    name: str
    hires: int
    share: Fraction
    sources: tuple[Row, ...] = ()

    @property
    def share_rounded(self) -> float:
        return round(float(self.share), 4)


@dataclass(frozen=True, slots=True)
class SourceOfHire:
    """`recorded` + `not_recorded` = `total` = the sum of the rows. Rows stand in order of hires, the None row last.
    Where figures are not `exact` this holds roughly, and a total that is not told is None: see small_numbers."""

    period: Period
    model: AttributionModel
    by: Grouping
    definition: str
    total: int | None
    recorded: int | None
    not_recorded: int | None
    share_not_recorded: Fraction | None
    rows: tuple[Row, ...]
    exact: bool = True

    @property
    def share_not_recorded_rounded(self) -> float | None:
        return None if self.share_not_recorded is None else round(float(self.share_not_recorded), 4)


def source_of_hire(*, start: date, end: date, model: str, by: str = Grouping.CHANNEL) -> SourceOfHire:
    """Hires accepted from `start` to `end`, both included, by the channel that gets the credit under `model`.

    Reversed hires are left out. Raises InvalidHiring (field `end`, `model` or `by`). Reads only: the hires are
    counted by one query, and a second one fetches the channels' names."""
    period, credit, grouping = _period(start, end), _model(model), _by(by)
    hires = Hire.objects.counted().accepted_between(start, end).credited(credit)
    counts = _counts(hires, grouping)
    channels = dict(Channel.objects.filter(pk__in={count.channel for count in counts}).values_list("pk", "name"))
    sources = _channel_rows(counts, channels)
    total = int(_credit(counts))
    not_recorded = sum(row.hires for row in sources if row.key is None)
    return SourceOfHire(
        period=period,
        model=credit,
        by=grouping,
        definition=DEFINITIONS[credit],
        total=total,
        recorded=total - not_recorded,
        not_recorded=not_recorded,
        share_not_recorded=_share(not_recorded, total),
        rows=sources if grouping is Grouping.CHANNEL else _group_rows(counts, channels),
    )


def hires_of_figure(
    *,
    start: date,
    end: date,
    model: str,
    channel: int | EllipsisType | None = ...,
    team: int | EllipsisType | None = ...,
    campaign: int | EllipsisType | None = ...,
    recorded: bool | None = None,
) -> HireQuerySet:
    """Exactly the hires behind a figure of source_of_hire, each with `credited_channel_id`.

    Give a row's `key` as channel, team or campaign (None is a key too; left out, all are meant), and `recorded` for
    the two totals. Raises InvalidHiring as source_of_hire does."""
    _period(start, end)
    hires = Hire.objects.counted().accepted_between(start, end).credited(_model(model))
    if channel is not ...:
        hires = hires.filter(**_is("credited_channel_id", channel))
    if team is not ...:
        hires = hires.filter(**_is("vacancy__team_id", team))
    if campaign is not ...:
        hires = hires.filter(**_is("vacancy__campaign_id", campaign))
    if recorded is not None:
        credited: dict[str, Any] = {"credited_channel_id__isnull": not recorded}
        hires = hires.filter(**credited)
    return hires


@dataclass(frozen=True, slots=True)
class _Count:
    group: int | None
    group_name: str
    channel: int | None
    credit: int | Fraction
    """Exact. Whole numbers stay whole, because adding fractions up costs ten times as much."""


def _counts(hires: HireQuerySet, by: Grouping) -> list[_Count]:
    *group_columns, nameless = ("",) if by is Grouping.CHANNEL else _GROUPS[by]
    columns = ["credited_channel_id", "credit__denominator", *group_columns]
    counted = hires.order_by().values_list(*columns).annotate(Count("pk"), Sum("credit__numerator"))
    counts = []
    for channel, denominator, *group, number, parts in counted:
        key, name = group or (None, None)
        # Without a row the whole hire is not recorded.
        credit = number if denominator is None else Fraction(parts, denominator) if denominator > 1 else parts
        counts.append(_Count(group=key, group_name=name or nameless, channel=channel, credit=credit))
    return counts


def _channel_rows(counts: list[_Count], channels: Mapping[int, str]) -> tuple[Row, ...]:
    credited: dict[int | None, int | Fraction] = {}
    for count in counts:
        credited[count.channel] = credited.get(count.channel, 0) + count.credit
    total = _credit(counts)
    return _in_order(
        _row(key, NOT_RECORDED if key is None else channels[key], credit, total) for key, credit in credited.items()
    )


def _group_rows(counts: list[_Count], channels: Mapping[int, str]) -> tuple[Row, ...]:
    groups: dict[tuple[int | None, str], list[_Count]] = {}
    for count in counts:
        groups.setdefault((count.group, count.group_name), []).append(count)
    total = _credit(counts)
    return _in_order(
        _row(key, name, _credit(members), total, _channel_rows(members, channels))
        for (key, name), members in groups.items()
    )


def _row(
    key: int | None, name: str, credit: int | Fraction, total: int | Fraction, sources: tuple[Row, ...] = ()
) -> Row:
    """Under each of the models a channel's credit is a whole number of hires."""
    return Row(key=key, name=name, hires=int(credit), share=Fraction(credit, total), sources=sources)


def _credit(counts: Iterable[_Count]) -> int | Fraction:
    return sum(count.credit for count in counts)


def _in_order(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(sorted(rows, key=order))


def order(row: Row) -> tuple[bool, int, str, int]:
    """Most hires first, the row without a key last."""
    return (row.key is None, -row.hires, row.name, row.key or 0)


def _share(part: int, whole: int) -> Fraction:
    return Fraction(part, whole) if whole else Fraction(0)


def _is(column: str, key: int | None) -> dict[str, Any]:
    return {f"{column}__isnull": True} if key is None else {column: key}


def _period(start: date, end: date) -> Period:
    if end < start:
        raise InvalidHiring("The end date is before the start date.", code="bad_period", field="end")
    return Period(start, end)


def _model(value: str) -> AttributionModel:
    if value not in AttributionModel.values:
        raise InvalidHiring(
            f"Choose one of: {', '.join(AttributionModel.values)}.", code="unknown_model", field="model"
        )
    return AttributionModel(value)


def _by(value: str) -> Grouping:
    if value not in Grouping.values:
        raise InvalidHiring(f"Choose one of: {', '.join(Grouping.values)}.", code="unknown_by", field="by")
    return Grouping(value)
