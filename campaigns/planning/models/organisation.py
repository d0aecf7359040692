from __future__ import annotations

from django.db import models


class Organisation(models.Model):
    """The one organisation that this installation serves; its row has id 1 and is made on first reading."""

    name = models.CharField(max_length=200, default="Our organisation")
    approves_own_edits = models.BooleanField(
        default=False, help_text="Whether people may approve what they last edited themselves."
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="planning_organisation_single")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> Organisation:
        return cls.objects.get_or_create(pk=1)[0]
