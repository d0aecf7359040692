from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, FilteredRelation, Q
from django.utils import timezone

from campaigns.hiring.models.candidate import Candidate
from campaigns.planning.models import Vacancy


class HireState(models.TextChoices):
    ACCEPTED = "accepted", "Accepted"
    STARTED = "started", "Started"
    REVERSED = "reversed", "Reversed"


class AttributionModel(models.TextChoices):
    """Who gets the credit for a hire. `reports.DEFINITIONS` says each in a sentence."""

    FIRST = "first", "First touch"
    LAST = "last", "Last touch"
    STATED = "stated", "Stated by the candidate"


class HireQuerySet(models.QuerySet["Hire"]):
    def counted(self) -> HireQuerySet:
        """Hires that figures are made of: all but the reversed ones."""
        return self.exclude(state=HireState.REVERSED)

    def accepted_between(self, start: date, end: date) -> HireQuerySet:
        """Both days included."""
        return self.filter(accepted_on__range=(start, end))

    def credited(self, model: AttributionModel) -> HireQuerySet:
        """Adds `credited_channel_id`: the channel that gets this hire's credit under `model`, None where it is
        not recorded. `credit__…` leads to the stored row."""
        credit = FilteredRelation("credits", condition=Q(credits__model=model))
        return self.annotate(credit=credit, credited_channel_id=F("credit__channel_id"))


class Hire(models.Model):
    """A candidate who accepted or started a post. A reversed hire gives its credit back."""

    candidate = models.OneToOneField(Candidate, on_delete=models.PROTECT, related_name="hire")
    vacancy = models.ForeignKey(Vacancy, on_delete=models.PROTECT, related_name="hires")
    state = models.CharField(max_length=10, choices=HireState.choices, default=HireState.ACCEPTED, editable=False)
    accepted_on = models.DateField(db_index=True)
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
