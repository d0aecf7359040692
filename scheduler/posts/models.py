"""Posts on their way off their channels."""

from __future__ import annotations

from django.db import models

from campaigns.planning.models import Publication


class Takedown(models.Model):
    """A published post of withdrawn content, on its way off its channel."""

    publication = models.OneToOneField(Publication, on_delete=models.CASCADE, related_name="takedown")
    requested_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, help_text="When it is tried next; empty once it is done or a person's.")
    tries = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True, help_text="What came of the last try, in words.")

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="scheduler_takedown_due", condition=models.Q(due_at__isnull=False))
        ]

    def __str__(self) -> str:
        return f"Takedown of {self.publication_id}"
