from __future__ import annotations

from fractions import Fraction

from django.db import models
from django.db.models import F, Q

from campaigns.hiring.models.candidate import Touch
from campaigns.hiring.models.hire import AttributionModel, Hire
from campaigns.planning.models import Channel


class Credit(models.Model):
    """What a channel gets of one hire under one model: numerator / denominator, which add up to one hire. Written by
    services.credit alone, whenever what decides it changes. Without a row the source is not recorded."""

    hire = models.ForeignKey(Hire, on_delete=models.CASCADE, related_name="credits")
    model = models.CharField(max_length=10, choices=AttributionModel.choices)
    touch = models.ForeignKey(
        Touch, null=True, on_delete=models.CASCADE, related_name="credits", help_text="Empty: stated by the person."
    )
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="+")
    numerator = models.PositiveIntegerField()
    denominator = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["hire", "model", "touch"], name="hiring_credit_once"),
            models.UniqueConstraint(
                fields=["hire", "model"], condition=Q(touch=None), name="hiring_credit_stated_once"
            ),
            models.CheckConstraint(
                condition=Q(numerator__gte=1) & Q(numerator__lte=F("denominator")), name="hiring_credit_is_a_part"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.numerator}/{self.denominator} of {self.hire_id} under {self.model}"

    @property
    def share(self) -> Fraction:
        return Fraction(self.numerator, self.denominator)
