"""What came of campaigns: visits through their links, candidates and hires for their vacancies."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from campaigns.hiring.models import Candidate, Hire, Visit
from campaigns.planning.models import Campaign


def with_results(rows: QuerySet[Campaign], *, until: date, visits: bool, people: bool) -> QuerySet[Campaign]:
    """Campaigns with `visits`, and with `candidates` and `hires`, where each is asked for; without a query of its own.

    Hires of the campaign's vacancies accepted from its first day to `until`, both included: its row of
    reports.source_of_hire, which is the same number under each model. Visits are openings, counted as people, of the
    tracked links of its content. Candidates are those for its vacancies."""
    begun: Any = OuterRef("starts_on")
    hired = Hire.objects.counted().accepted_between(begun, until)
    numbers = {}
    if visits:
        numbers["visits"] = _number(Visit.objects.counted(), "link__content__campaign")
    if people:
        numbers["candidates"] = _number(Candidate.objects.all(), "vacancy__campaign")
        numbers["hires"] = _number(hired, "vacancy__campaign")
    return rows.annotate(**numbers)


def _number(rows: QuerySet[Any], campaign: str) -> Coalesce:
    own = rows.filter(**{campaign: OuterRef("pk")}).order_by().values(campaign)
    return Coalesce(Subquery(own.annotate(number=Count("pk")).values("number")), 0, output_field=IntegerField())
