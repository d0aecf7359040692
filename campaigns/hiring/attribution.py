"""Which of a candidate's touches get the credit, told for one candidate as HireQuerySet.credited tells it for many."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from campaigns.hiring.models import AttributionModel, Candidate, Hire, Touch
from campaigns.hiring.models.hire import CREDIT_ORDER
from campaigns.hiring.services import checks


def counts_until(candidate: Candidate) -> date:
    """The last day whose touches count: that of acceptance, and today for who has no hire that counts."""
    accepted_on = Hire.objects.counted().filter(candidate=candidate).values_list("accepted_on", flat=True).first()
    return accepted_on or checks.day_of(timezone.now())


def credited_touches(candidate: Candidate, until: date) -> dict[AttributionModel, int]:
    """Ids of the touches that get the credit under each model that goes by touches, for an offer accepted on
    `until`; a model without such a touch is left out. One query a model."""
    touches = Touch.objects.filter(candidate=candidate).before(checks.end_of(until))
    first = {
        model: touches.order_by(*order).values_list("pk", flat=True).first() for model, order in CREDIT_ORDER.items()
    }
    return {model: pk for model, pk in first.items() if pk is not None}
