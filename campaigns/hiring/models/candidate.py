from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.utils import timezone
from encrypted_fields.fields import EncryptedTextField

from campaigns.hiring.models.link import TrackedLink
from campaigns.planning import organisation_clock
from campaigns.planning.models import Channel, Event, Vacancy


class Stage(models.TextChoices):
    NEW = "new", "New"
    SCREENED = "screened", "Screened"
    INTERVIEW = "interview", "Interview"
    OFFERED = "offered", "Offered"
    ACCEPTED = "accepted", "Accepted"
    STARTED = "started", "Started"
    WITHDRAWN = "withdrawn", "Withdrawn"
    REJECTED = "rejected", "Rejected"


class CandidateQuerySet(models.QuerySet["Candidate"]):
    def known_as(self, typed: str) -> CandidateQuerySet:
        """By the whole reference, in whichever case it was typed. Names are encrypted, and never searched."""
        return self.filter(reference__in={typed, typed.upper(), typed.lower()})

    def applied_between(self, start: date | None, end: date | None) -> CandidateQuerySet:
        """Both days included, on the organisation's clock; None leaves that end open."""
        rows = self
        if start:
            rows = rows.filter(applied_at__gte=organisation_clock.start_of(start))
        if end:
            rows = rows.filter(applied_at__lt=organisation_clock.end_of(end))
        return rows

    def recorded_since(self, day: date) -> CandidateQuerySet:
        """From the beginning of that day on the organisation's clock."""
        return self.filter(created_at__gte=organisation_clock.start_of(day))


class Candidate(models.Model):
    """A person on the way to a job, known by a reference. Name and contact are optional, encrypted, for HR only."""

    reference = models.CharField(max_length=60, unique=True)
    vacancy = models.ForeignKey(Vacancy, null=True, blank=True, on_delete=models.PROTECT, related_name="candidates")
    name = EncryptedTextField(null=True, blank=True, max_length=200)
    email = EncryptedTextField(null=True, blank=True, max_length=254)
    phone = EncryptedTextField(null=True, blank=True, max_length=40)
    stated_channel = models.ForeignKey(
        Channel, null=True, blank=True, on_delete=models.PROTECT, related_name="stated_by"
    )
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.NEW, editable=False)
    applied_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    objects = CandidateQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["created_at"], name="hiring_candidate_created")]

    def __str__(self) -> str:
        return self.reference


class StageMove(models.Model):
    """One step of a candidate's way; append-only."""

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="stage_moves")
    from_stage = models.CharField(max_length=10, choices=Stage.choices)
    to_stage = models.CharField(max_length=10, choices=Stage.choices)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.from_stage} → {self.to_stage}"


class TouchKind(models.TextChoices):
    LINK = "link", "Tracked link"
    CHECK_IN = "check_in", "Event check-in"
    RECORDED = "recorded", "Recorded manually"


class Touch(models.Model):
    """One meeting of a candidate with a channel. What the person states is kept apart, on the candidate."""

    candidate = models.ForeignKey(Candidate, on_delete=models.CASCADE, related_name="touches")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="touches")
    kind = models.CharField(max_length=10, choices=TouchKind.choices)
    link = models.ForeignKey(TrackedLink, null=True, blank=True, on_delete=models.PROTECT, related_name="touches")
    event = models.ForeignKey(Event, null=True, blank=True, on_delete=models.PROTECT, related_name="touches")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            # A form sent twice, or a file imported twice, records the meeting once.
            models.UniqueConstraint(fields=["candidate", "channel", "kind", "at"], name="hiring_touch_once")
        ]
        indexes = [models.Index(fields=["candidate", "at"], name="hiring_touch_candidate")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {self.at:%Y-%m-%d %H:%M}"
