"""Bulletins and their sections, the items that stand on the house's own surfaces, and who has them by e-mail."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from encrypted_fields.fields import EncryptedTextField

from campaigns.planning.differences import Part
from campaigns.planning.models import Audience, Content, ContentKind, Team
from media.models import Picture


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


class Surface(models.TextChoices):
    """The house's own places to publish on; each is the adapter kind of a channel."""

    BLOG = "blog", "Public website"
    BULLETIN = "bulletin", "Staff bulletin feed"


class ItemQuerySet(models.QuerySet["Item"]):
    def live(self, surface: str) -> ItemQuerySet:
        """What may be read on a surface: not withdrawn, and on the public website nothing that is for staff."""
        items = self.filter(surface=surface, withdrawn_at=None)
        return items.filter(audience=Audience.PUBLIC) if surface == Surface.BLOG else items

    def still_on(self, now: datetime) -> ItemQuerySet:
        """Leaves out vacancies that closed and events that are over."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now), ended="")


class Item(models.Model):
    """One content as it stands on one of the house's surfaces: a copy of what was approved and published, so that
    a later draft never shows through. Its guid and publication date never change."""

    class Ended(models.TextChoices):
        NO = "", "No"
        CANCELLED = "cancelled", "Cancelled"
        FILLED = "filled", "Filled"
        CLOSED = "closed", "Closed early"

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
    ended = models.CharField(max_length=10, choices=Ended.choices, default=Ended.NO, blank=True)
    published_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["surface", "content"], name="bulletins_item_once_a_surface"),
        ]
        indexes = [
            models.Index(fields=["surface", "-published_at", "-id"], name="bulletins_item_newest"),
            models.Index(fields=["surface", "kind", "-published_at"], name="bulletins_item_kind"),
            models.Index(fields=["surface", "slug"], name="bulletins_item_slug"),
        ]

    def __str__(self) -> str:
        return self.title


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


class MailingList(models.Model):
    """Who gets mail together. Everyone may ask for a public list; a list for staff is filled by the house."""

    name = models.CharField(max_length=200, unique=True)
    audience = models.CharField(max_length=10, choices=Audience.choices, help_text="Never changes.")
    from_name = models.CharField(max_length=200, help_text="Whom its mails come from, as readers see it.")
    description = models.TextField(max_length=2000, blank=True, help_text="What readers get, and how often.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SubscriberStatus(models.TextChoices):
    PENDING = "pending", "Has not confirmed yet"
    SUBSCRIBED = "subscribed", "Subscribed"
    UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
    BOUNCED = "bounced", "Mail comes back"


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def joined_since(self, day: date) -> SubscriberQuerySet:
        """Who confirmed from the beginning of that day on the house's clock."""
        return self.filter(confirmed_at__gte=datetime.combine(day, time.min, timezone.get_default_timezone()))


class Subscriber(models.Model):
    """One address on one list. The tokens of its links are found by their hashes and kept encrypted, because each mail
    carries one of them."""

    mailing_list = models.ForeignKey(MailingList, on_delete=models.PROTECT, related_name="subscribers")
    address = models.CharField(max_length=254, help_text="In lower case, its domain in ASCII.")
    status = models.CharField(max_length=20, choices=SubscriberStatus.choices, default=SubscriberStatus.PENDING)
    token = EncryptedTextField(editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    confirmation = EncryptedTextField(null=True, editable=False)
    confirmation_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)
    asked_at = models.DateTimeField(null=True, editable=False, help_text="When a confirmation was asked for last.")
    confirmed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailing_list", "address"], name="bulletins_subscriber_once_a_list")
        ]
        indexes = [
            models.Index(fields=["mailing_list", "status"], name="bulletins_subscriber_status"),
            models.Index(fields=["status", "confirmed_at"], name="bulletins_subscriber_joined"),
        ]

    def __str__(self) -> str:
        return f"Subscriber {self.pk}"
