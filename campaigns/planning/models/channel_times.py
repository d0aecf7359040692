from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from campaigns.planning import organisation_clock
from campaigns.planning.models.channel import Channel


class Weekday(models.TextChoices):
    """As RFC 5545 writes them."""

    MONDAY = "MO", "Monday"
    TUESDAY = "TU", "Tuesday"
    WEDNESDAY = "WE", "Wednesday"
    THURSDAY = "TH", "Thursday"
    FRIDAY = "FR", "Friday"
    SATURDAY = "SA", "Saturday"
    SUNDAY = "SU", "Sunday"


class QuietPeriod(models.Model):
    """When a channel keeps still: hours that come each week, or a blackout with a beginning and an end."""

    class QuietKind(models.TextChoices):
        QUIET = "quiet", "Quiet hours"
        BLACKOUT = "blackout", "Blackout"

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="quiet_periods")
    kind = models.CharField(max_length=10, choices=QuietKind.choices)
    weekdays = models.JSONField(default=list, blank=True, help_text="On which the hours begin, such as MO.")
    from_time = models.TimeField(null=True, blank=True, help_text="On the wall clock of `zone`.")
    to_time = models.TimeField(null=True, blank=True, help_text="On the next day where it is not after from_time.")
    zone = models.CharField(max_length=64, default=organisation_clock.organisation_zone_name)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True, max_length=2000)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="quiet", from_time__isnull=False, to_time__isnull=False)
                | Q(kind="blackout", starts_at__isnull=False, ends_at__gt=F("starts_at")),
                name="planning_quiet_period_whole",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} on {self.channel_id}"

    @property
    def days(self) -> str:
        """The days on which quiet hours begin, in words."""
        if len(self.weekdays) == len(Weekday):
            return "Every day"
        return ", ".join(Weekday(day).label for day in self.weekdays)


class Slot(models.Model):
    """A time in the week at which a channel may publish one thing: its queue moves from slot to slot."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="slots")
    weekday = models.CharField(max_length=2, choices=Weekday.choices)
    time = models.TimeField(help_text="On the wall clock of `zone`.")
    zone = models.CharField(max_length=64, default=organisation_clock.organisation_zone_name)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "weekday", "time", "zone"], name="planning_slot_once")
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.time:%H:%M}"
