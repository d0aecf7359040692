from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from campaigns.hiring.models.candidate import Candidate
from campaigns.planning.models import Vacancy


class HireState(models.TextChoices):
    ACCEPTED = "accepted", "Accepted"
    STARTED = "started", "Started"
    REVERSED = "reversed", "Reversed"


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
