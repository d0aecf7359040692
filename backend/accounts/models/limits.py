"""How often something was tried lately."""

from __future__ import annotations

from django.db import models


class AttemptCount(models.Model):
    """One count, from its first try to the end of its time. The key is a keyed hash: nobody's name or address can be
    read here, and a row never grows. Only `backend.accounts.limits` writes here."""

    key = models.CharField(max_length=64, primary_key=True)
    tries = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.tries} tries until {self.ends_at}"
