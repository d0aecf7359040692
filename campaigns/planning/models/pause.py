from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from campaigns.planning.models.campaign import Campaign
from campaigns.planning.models.channel import Channel
from campaigns.planning.models.publication import Publication


class PauseQuerySet(models.QuerySet["Pause"]):
    def active(self) -> PauseQuerySet:
        return self.filter(ended_at=None)

    def over(self, publication: Publication) -> PauseQuerySet:
        """Those that keep this publication back: of everything, of its channel or of its campaign."""
        everything = Q(campaign=None, channel=None)
        own = Q(channel_id=publication.channel_id)
        if publication.content.campaign_id is not None:
            own |= Q(campaign_id=publication.content.campaign_id)
        return self.active().filter(everything | own)


class Pause(models.Model):
    """Publishing stands still: all of it, one campaign's or one channel's. A row ends, it is never deleted."""

    campaign = models.ForeignKey(Campaign, null=True, blank=True, on_delete=models.PROTECT, related_name="pauses")
    channel = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.PROTECT, related_name="pauses")
    reason = models.TextField(max_length=2000)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    objects = PauseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(campaign=None) | Q(channel=None), name="planning_pause_one_scope")
        ]
        indexes = [models.Index(fields=["-id"], name="planning_pause_active", condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return self.scope

    @property
    def scope(self) -> str:
        """What stands still, in words."""
        if self.campaign:
            return f"everything in {self.campaign}"
        return f"everything on {self.channel}" if self.channel else "everything"
