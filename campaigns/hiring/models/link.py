from __future__ import annotations

from datetime import date

from django.db import models
from django.utils import timezone

from campaigns.planning import organisation_clock
from campaigns.planning.models import Channel, Content, Publication


class TrackedLink(models.Model):
    """A short address that leads to a registered target and tells which publication and channel it came through."""

    code = models.CharField(max_length=16, unique=True)
    target = models.URLField(max_length=1000)
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="links")
    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="links")
    publication = models.OneToOneField(
        Publication, null=True, blank=True, on_delete=models.PROTECT, related_name="link"
    )
    follows_content = models.BooleanField(
        default=True, help_text="Leads where the content says; not so for a link that was given a target of its own."
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return self.code


class NotCounted(models.TextChoices):
    """Why an opening of a link is kept apart from the visits of people."""

    COUNTED = "", "Counted"
    HEAD = "head", "HEAD request"
    PREFETCH = "prefetch", "Prefetch"
    CRAWLER = "crawler", "Crawler or link preview"
    REPEAT = "repeat", "Same visitor within the hour"


class VisitQuerySet(models.QuerySet["Visit"]):
    def counted(self) -> VisitQuerySet:
        """Those of people; what was kept apart is left out."""
        return self.filter(not_counted=NotCounted.COUNTED)

    def since(self, day: date) -> VisitQuerySet:
        """From the beginning of that day on the organisation's clock."""
        return self.filter(at__gte=organisation_clock.start_of(day))


class Visit(models.Model):
    """One opening of a tracked link. Holds no address; `visitor` is a keyed hash that dies with its day's salt."""

    link = models.ForeignKey(TrackedLink, on_delete=models.CASCADE, related_name="visits")
    at = models.DateTimeField(default=timezone.now)
    not_counted = models.CharField(max_length=10, choices=NotCounted.choices, default=NotCounted.COUNTED, blank=True)
    visitor = models.CharField(max_length=64, blank=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["at"], name="hiring_visit_counted", condition=models.Q(not_counted="")),
            models.Index(fields=["link", "at"], name="hiring_visit_link"),
            models.Index(fields=["link"], name="hiring_visit_of_link", condition=models.Q(not_counted="")),
            models.Index(fields=["visitor", "at"], name="hiring_visit_visitor"),
        ]

    def __str__(self) -> str:
        return f"{self.link_id} at {self.at:%Y-%m-%d %H:%M}"


class VisitSalt(models.Model):
    """The random salt of one day's visitor hashes, destroyed after the next day so that days cannot be joined."""

    day = models.DateField(primary_key=True)
    salt = models.CharField(max_length=64)

    def __str__(self) -> str:
        return str(self.day)
