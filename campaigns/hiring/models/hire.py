from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from campaigns.hiring.models.candidate import Candidate, Touch
from campaigns.planning.models import Vacancy


class HireState(models.TextChoices):
    ACCEPTED = "accepted", "Accepted"
    STARTED = "started", "Started"
    REVERSED = "reversed", "Reversed"


class AttributionModel(models.TextChoices):
    """Who gets the credit for a hire. `reports.DEFINITIONS` says each in a sentence."""

    FIRST = "first", "First touch"
    LAST = "last", "Last touch"
    STATED = "stated", "Stated by the person"


CREDIT_ORDER = {AttributionModel.FIRST: ("at", "id"), AttributionModel.LAST: ("-at", "-id")}
"""Under these models the credit goes to the touch that comes first in this order."""


class HireQuerySet(models.QuerySet["Hire"]):
    def counted(self) -> HireQuerySet:
        """Hires that figures are made of: all but the reversed ones."""
        return self.exclude(state=HireState.REVERSED)

    def accepted_between(self, start: date, end: date) -> HireQuerySet:
        """Both days included."""
        return self.filter(accepted_on__range=(start, end))

    def credited(self, model: AttributionModel) -> HireQuerySet:
        """Adds `credited_channel_id`: the channel that gets this hire's credit under `model`, None where it is
        not recorded. Touches count before `credit_until`;
        of two touches at one instant the one recorded earlier is the earlier."""
        if model is AttributionModel.STATED:
            return self.annotate(credited_channel_id=F("candidate__stated_channel_id"))
        touches = Touch.objects.filter(candidate=OuterRef("candidate")).before(OuterRef("credit_until"))
        touches = touches.order_by(*CREDIT_ORDER[model])
        return self.annotate(credited_channel_id=Subquery(touches.values("channel_id")[:1]))


class Hire(models.Model):
    """A candidate who accepted or started a post. A reversed hire gives its credit back."""

    candidate = models.OneToOneField(Candidate, on_delete=models.PROTECT, related_name="hire")
    vacancy = models.ForeignKey(Vacancy, on_delete=models.PROTECT, related_name="hires")
    state = models.CharField(max_length=10, choices=HireState.choices, default=HireState.ACCEPTED, editable=False)
    accepted_on = models.DateField(db_index=True)
    credit_until = models.DateTimeField(
        editable=False,
        help_text="The end of the day of acceptance on the house's clock: touches before it count.",
    )
    started_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    objects = HireQuerySet.as_manager()

    class Meta:
        ordering = ["-accepted_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(started_on=None) | Q(started_on__gte=F("accepted_on")),
                name="hiring_hire_starts_after_acceptance",
            )
        ]

    def __str__(self) -> str:
        return f"{self.candidate_id} hired {self.accepted_on}"
