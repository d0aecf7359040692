from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone


class Campaign(models.Model):
    """A named effort with a purpose, dates, a target, a budget and hashtags."""

    class Purpose(models.TextChoices):
        RECRUITMENT = "recruitment", "Recruitment"
        ENGAGEMENT = "engagement", "Engagement"

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=100, unique=True)
    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    summary = models.TextField(blank=True, max_length=5000)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    target_hires = models.PositiveIntegerField(null=True, blank=True)
    budget_pence = models.PositiveBigIntegerField(null=True, blank=True)
    rhythm_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(366)],
        help_text="Something goes out at least every so many days; a longer silence is hinted at.",
    )
    hashtags = models.JSONField(default=list, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="planning_campaign_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return self.name
