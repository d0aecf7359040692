"""Bulletins and their sections."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from campaigns.planning.differences import Part
from campaigns.planning.models import Content, Team


class Bulletin(Content):
    period_start = models.DateField()
    period_end = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(period_end__gte=F("period_start")), name="bulletins_bulletin_period_order"
            )
        ]

    def parts(self) -> list[Part]:
        sections = self.sections.select_related("team")
        return [*super().parts(), Part("sections", "Sections", "\n\n".join(section.told for section in sections))]


class Section(models.Model):
    """One part of a bulletin, in order. A spotlight presents one team."""

    class Kind(models.TextChoices):
        TEXT = "text", "Text"
        SPOTLIGHT = "spotlight", "Team in the spotlight"

    bulletin = models.ForeignKey(Bulletin, on_delete=models.CASCADE, related_name="sections")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.TEXT)
    heading = models.CharField(max_length=200)
    body = models.TextField(max_length=50_000, help_text="Markdown.")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="spotlights")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["bulletin", "position"], name="bulletins_section_position"),
            models.CheckConstraint(
                condition=Q(kind="spotlight", team__isnull=False) | Q(kind="text", team=None),
                name="bulletins_section_spotlight_has_team",
            ),
        ]

    def __str__(self) -> str:
        return self.heading

    @property
    def told(self) -> str:
        """As one text, to compare with."""
        heading = f"{self.heading} ({self.get_kind_display()}: {self.team})" if self.team else self.heading
        return f"{heading}\n{self.body}"
