from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from campaigns.planning import organisation_clock
from campaigns.planning.models.channel import Channel
from campaigns.planning.models.content import Content
from campaigns.planning.models.publication import LateRule


class ScheduleMode(models.TextChoices):
    TIMES = "times", "At the times chosen"
    SLOT = "slot", "At each channel's next free slot"


class Composition(models.Model):
    """What is being composed for one content before anything is scheduled. It may be unfinished: it is checked when it
    is scheduled, and then empty again. `version` rises with every change and never comes again."""

    content = models.OneToOneField(Content, on_delete=models.CASCADE, related_name="composition")
    version = models.PositiveIntegerField(default=0, editable=False)
    when = models.CharField(max_length=10, choices=ScheduleMode.choices, default=ScheduleMode.TIMES)
    times = models.JSONField(default=list, blank=True, help_text="On the wall clock of `zone`, ISO 8601, in order.")
    zone = models.CharField(max_length=64, default=organisation_clock.organisation_zone_name)
    unused_texts = models.JSONField(
        default=dict, blank=True, help_text="Own texts of channels that are not chosen any more, by the channel's id."
    )
    late_rule = models.CharField(max_length=10, choices=LateRule.choices, default=LateRule.PUBLISH)
    late_after_minutes = models.PositiveIntegerField(default=60)
    edited_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    def __str__(self) -> str:
        return f"{self.content_id} in version {self.version}"


class ComposedChannel(models.Model):
    """A channel that was chosen, with its own wording and pictures where it has some."""

    composition = models.ForeignKey(Composition, on_delete=models.CASCADE, related_name="chosen")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    wording = models.TextField(
        blank=True, max_length=50_000, help_text="This channel's own text; empty means title and summary."
    )
    picture_ids = models.JSONField(default=list, blank=True, help_text="Its own pictures; none means the content's.")

    class Meta:
        ordering = ["channel_id"]
        constraints = [
            models.UniqueConstraint(fields=["composition", "channel"], name="planning_composed_channel_once")
        ]

    def __str__(self) -> str:
        return f"{self.channel_id} in {self.composition_id}"


class Presence(models.Model):
    """Somebody has this content open to write on it, and was seen there at this moment."""

    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["content", "person"], name="planning_presence_once")]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.content_id}"
