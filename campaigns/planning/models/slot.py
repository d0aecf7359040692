from __future__ import annotations

from django.db import models

from campaigns.planning import clock
from campaigns.planning.models.channel import Channel
from campaigns.planning.models.quiet_period import Weekday


class Slot(models.Model):
    """A time in the week at which a channel may publish one thing: its queue moves from slot to slot."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="slots")
    weekday = models.CharField(max_length=2, choices=Weekday.choices)
    time = models.TimeField(help_text="On the wall clock of `zone`.")
    zone = models.CharField(max_length=64, default=clock.organisation_zone_name)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "weekday", "time", "zone"], name="planning_slot_once")
        ]

    def __str__(self) -> str:
        return f"{self.weekday} {self.time:%H:%M}"
