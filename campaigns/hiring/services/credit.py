"""Credit for hires, stored as rows. Every verb that changes what decides it calls this in its own transaction."""

from __future__ import annotations

from fractions import Fraction

from django.db import transaction

from campaigns.hiring import attribution_models
from campaigns.hiring.models import AttributionModel, Candidate, Credit, Hire, HireState, Touch
from campaigns.planning import organisation_clock


@transaction.atomic
def assign_credit(*, candidate: Candidate) -> None:
    """Write the credit for the candidate's hire anew, from the touches and the stated source as they are now; without
    a hire that counts there is none.

    Side effects: the hire's rows of Credit are replaced, under a lock on the candidate, so that of two changes at one
    moment the later one sees both. Raises nothing. Called twice, the second call leaves the same rows."""
    # Not the key: a touch that is added at the same moment refers to it.
    Candidate.objects.select_for_update(no_key=True).only("pk").get(pk=candidate.pk)
    hire = Hire.objects.filter(candidate=candidate.pk).select_related("candidate").first()
    if hire is None:
        return
    hire.credits.all().delete()
    if hire.state != HireState.REVERSED:
        Credit.objects.bulk_create(build_credits(hire))


def build_credits(hire: Hire) -> list[Credit]:
    """The rows of a hire that counts, unsaved. Touches count until the end of the day of acceptance."""
    person = hire.candidate
    touches = [touch for touch in person.touches.all() if touch.at < organisation_clock.end_of(hire.accepted_on)]
    rows = [
        _row(hire, model, touch.channel_id, share, touch)
        for model in attribution_models.WEIGHTS
        for touch, share in attribution_models.share_credit(model, touches)
    ]
    if person.stated_channel_id is not None:
        rows.append(_row(hire, AttributionModel.STATED, person.stated_channel_id, Fraction(1)))
    return rows


def _row(hire: Hire, model: AttributionModel, channel_id: int, share: Fraction, touch: Touch | None = None) -> Credit:
    return Credit(
        hire=hire,
        model=model,
        touch=touch,
        channel_id=channel_id,
        numerator=share.numerator,
        denominator=share.denominator,
    )
