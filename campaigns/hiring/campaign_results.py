"""What came of a campaign: visits through its links, candidates and hires for its vacancies."""

from __future__ import annotations

from datetime import date

from campaigns.hiring import reports
from campaigns.hiring.models import AttributionModel, Candidate, Visit

HIDDEN_UP_TO = 7
ROUNDED_TO = 5


def visits(campaign_id: int) -> int:
    """Openings, counted as people, of the tracked links of the campaign's content."""
    return Visit.objects.counted().filter(link__content__campaign_id=campaign_id).count()


def candidates(campaign_id: int) -> int:
    """For the vacancies of the campaign."""
    return Candidate.objects.filter(vacancy__campaign_id=campaign_id).count()


def hires(campaign_id: int, *, start: date, end: date) -> int:
    """Hires of the campaign's vacancies accepted from `start` to `end`, both included: its row of
    reports.source_of_hire, which is the same number under each model."""
    return reports.hires_behind(start=start, end=end, model=AttributionModel.STATED, campaign=campaign_id).count()


def published(number: int) -> int | None:
    """As a number of people is shown to whoever may not see the people: 0 stays, 1 to 7 are hidden (None), and the rest
    are rounded to 5."""
    if number == 0:
        return 0
    return None if number <= HIDDEN_UP_TO else ROUNDED_TO * round(number / ROUNDED_TO)
