"""Candidates and hires to test with, made by the room's own services."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.hiring import services
from campaigns.hiring.models import Candidate, Hire
from campaigns.planning.models import Channel, Vacancy
from tests import factories

LONDON = ZoneInfo("Europe/London")
_number = count(1)


def candidate(**fields: Any) -> Candidate:
    values = {"reference": f"AR-260223-{next(_number):04}", "by": factories.person("hr")}
    return services.add_candidate(**values | fields)


def hire(
    accepted_on: str, *, met: list[Channel] | None = None, stated: Channel | None = None, post: Vacancy | None = None
) -> Hire:
    """A hire whose candidate met these channels one after the other in the days before."""
    day = date.fromisoformat(accepted_on)
    row = candidate(vacancy=post or factories.vacancy(), stated_channel=stated)
    met = met or []
    for number, channel in enumerate(met):
        at = datetime.combine(day - timedelta(days=len(met) - number), time(10), LONDON)
        services.add_touch(candidate=row, channel=channel, at=at)
    return services.record_hire(candidate=row, accepted_on=day, by=factories.person("hr"))
