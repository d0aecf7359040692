from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone

from campaigns.planning import organisation_clock
from campaigns.planning.models.channel import Channel
from campaigns.planning.models.content import Content
from campaigns.planning.models.ended_content import content_ended_by
from campaigns.planning.models.publication import LateRule


class RecurrenceQuerySet(models.QuerySet["Recurrence"]):
    def active(self) -> RecurrenceQuerySet:
        return self.filter(ended_at=None)

    def of_ended_content(self, now: datetime) -> RecurrenceQuerySet:
        """Of a vacancy that has closed or an event that is over."""
        return self.filter(content_ended_by(now, "content__")).select_related("content__vacancy", "content__event")


class Recurrence(models.Model):
    """One content on one channel again and again, by a rule. A row ends, it is never deleted."""

    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="recurrences")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="recurrences")
    wording = models.TextField(
        blank=True, max_length=50_000, help_text="This channel's own text; empty means title and summary."
    )
    rule = models.CharField(max_length=500, help_text="RFC 5545, RRULE without DTSTART.")
    # A wall clock: its UTC is another one after a clock change.
    starts_on = models.DateField(help_text="On the wall clock of `zone`.")
    starts_time = models.TimeField(help_text="On the wall clock of `zone`.")
    zone = models.CharField(max_length=64, default=organisation_clock.organisation_zone_name)
    late_rule = models.CharField(max_length=10, choices=LateRule.choices, default=LateRule.PUBLISH)
    late_after_minutes = models.PositiveIntegerField(default=60)
    next_at = models.DateTimeField(
        null=True, editable=False, help_text="The first time that is not in the schedule yet, in UTC."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    ended_reason = models.TextField(blank=True, editable=False)

    objects = RecurrenceQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["next_at"], name="planning_recurrence_next", condition=models.Q(ended_at=None))]

    def __str__(self) -> str:
        return f"{self.content_id} on {self.channel_id} by {self.rule}"

    @property
    def starts_at(self) -> datetime:
        """The first moment that the rule counts from, on the wall clock of `zone`."""
        return datetime.combine(self.starts_on, self.starts_time)
