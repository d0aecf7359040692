"""The one row that a database has of itself."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from campaigns.planning.models import Pause


class Installation(models.Model):
    """What a database knows of itself, so that a copy of it is noticed: see restore_detection. One row, id 1."""

    database = models.UUIDField(default=uuid.uuid4, help_text="Tells this database from others.")
    number = models.PositiveBigIntegerField(default=0, help_text="How often its workers have counted.")
    identity = models.JSONField(default=dict, help_text="Of the server or the file in which it was last seen.")
    keys = models.CharField(max_length=16, blank=True, help_text="Which keys its encrypted columns need.")
    probed_at = models.DateTimeField(null=True, help_text="Written only to see whether writing works.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    backed_up_at = models.DateTimeField(null=True, help_text="When the latest backup of it was begun.")
    restore_hold = models.ForeignKey(
        Pause, null=True, on_delete=models.SET_NULL, related_name="+", help_text="That began when it was last restored."
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="scheduler_installation_single")]

    def __str__(self) -> str:
        return str(self.database)
