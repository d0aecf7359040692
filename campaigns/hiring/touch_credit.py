"""Which of one candidate's touches get the credit: read for a hire, previewed for anybody else. It is shared out by
attribution_models and stored by services.credit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from campaigns.hiring import attribution_models
from campaigns.hiring.models import AttributionModel, Hire, Touch

TouchCredit = Mapping[AttributionModel, Mapping[int, Fraction]]
"""Under each model that goes by touches: by their ids, the touches that get a share, and which."""


def read_credit(hire: Hire) -> TouchCredit:
    """As the report counts it: none for a reversed hire. One query."""
    shares: dict[AttributionModel, dict[int, Fraction]] = {model: {} for model in attribution_models.WEIGHTS}
    for row in hire.credits.all():
        if row.touch_id is not None:
            shares[AttributionModel(row.model)][row.touch_id] = row.share
    return shares


def preview_credit(touches: Iterable[Touch]) -> TouchCredit:
    """As it would be if the offer were accepted now. No query."""
    known = list(touches)
    return {
        model: {touch.pk: share for touch, share in attribution_models.share_credit(model, known)}
        for model in attribution_models.WEIGHTS
    }
