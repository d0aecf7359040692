"""The items that stand on the organisation's own surfaces, and the version of each surface."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q

from campaigns.planning.models import Audience, Content, ContentKind, EarlyEnd, Ending, ending_of
from campaigns.website import page_details
from campaigns.website.page_details import PageDetails
from media.models import Picture


class Surface(models.TextChoices):
    """The house's own places to publish on; each is the adapter kind of a channel."""

    BLOG = "blog", "Public website"
    BULLETIN = "bulletin", "Staff bulletin feed"


class ItemQuerySet(models.QuerySet["Item"]):
    def live(self, surface: str) -> ItemQuerySet:
        """What may be read on a surface: not withdrawn, and on the public website nothing that is for staff."""
        items = self.filter(surface=surface, withdrawn_at=None)
        return items.filter(audience=Audience.PUBLIC) if surface == Surface.BLOG else items

    def ended(self, now: datetime) -> ItemQuerySet:
        """Vacancies that closed and events that are over, by the clock or before."""
        return self.filter(Q(ends_at__lte=now) | ~Q(ended=EarlyEnd.NO))

    def not_ended(self, now: datetime) -> ItemQuerySet:
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now), ended=EarlyEnd.NO)


class Item(models.Model):
    """One content as it stands on one of the house's surfaces: a copy of what was approved and published, so that
    a later draft never shows through. Its guid and publication date never change."""

    surface = models.CharField(max_length=10, choices=Surface.choices)
    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="items")
    guid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=64, unique=True, help_text="The key of the publication that put it here.")
    kind = models.CharField(max_length=20, choices=ContentKind.choices)
    audience = models.CharField(max_length=10, choices=Audience.choices)
    slug = models.SlugField(max_length=220)
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    html = models.TextField(help_text="Sanitised.")
    author = models.CharField(max_length=200, blank=True)
    tags = models.JSONField(default=list)
    picture = models.ForeignKey(Picture, null=True, on_delete=models.PROTECT, related_name="+")
    details = models.JSONField(default=dict, help_text="What pages and feeds show of this kind beyond the text.")
    apply_link = models.CharField(max_length=1000, blank=True, help_text="The tracked link of this publication.")
    ends_at = models.DateTimeField(null=True, help_text="When a vacancy closes or an event is over.")
    ended = models.CharField(max_length=10, choices=EarlyEnd.choices, default=EarlyEnd.NO, blank=True)
    published_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["surface", "content"], name="website_item_once_a_surface"),
        ]
        indexes = [
            models.Index(fields=["surface", "-published_at", "-id"], name="website_item_newest"),
            models.Index(fields=["surface", "kind", "-published_at"], name="website_item_kind"),
            models.Index(fields=["surface", "slug"], name="website_item_slug"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def page_details(self) -> PageDetails:
        """What is shown of its kind. Raises UnreadableDetails."""
        return page_details.from_json(self.kind, self.details)

    def ending(self) -> Ending:
        """As it was published, or as it ended since."""
        return ending_of(kind=self.kind, at=self.ends_at, early=self.ended)


class SurfaceVersion(models.Model):
    """One row a surface, raised by whatever changes what can be read there: a feed's 304 costs one query.

    The number counts the changes. The stamp is made new with each of them and never comes again: in a restored copy the
    same number can come a second time, with other items."""

    surface = models.CharField(max_length=10, primary_key=True, choices=Surface.choices)
    number = models.PositiveBigIntegerField(default=0)
    stamp = models.UUIDField(default=uuid.uuid4)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.surface} {self.number}"
