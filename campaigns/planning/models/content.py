from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from campaigns.planning import organisation_clock
from campaigns.planning.differences import Part
from campaigns.planning.models.campaign import Campaign
from campaigns.planning.models.ending import WORDS_THEN, Ending
from media.models import Picture


class ContentKind(models.TextChoices):
    EVENT = "event", "Event"
    VACANCY = "vacancy", "Job"
    BLOG_ENTRY = "blog_entry", "Blog entry"
    BULLETIN = "bulletin", "Bulletin"


class ContentState(models.TextChoices):
    DRAFT = "draft", "Draft"
    IN_REVIEW = "in_review", "In review"
    RETURNED = "returned", "Returned"
    APPROVED = "approved", "Approved"
    WITHDRAWN = "withdrawn", "Withdrawn"
    ARCHIVED = "archived", "Archived"


class Audience(models.TextChoices):
    PUBLIC = "public", "Everyone"
    STAFF = "staff", "Staff"


class Content(models.Model):
    """Something to tell people about. One table for what all kinds share, so that calendar, publication and
    search ask one table; each kind adds its own (multi-table inheritance)."""

    kind = models.CharField(max_length=20, choices=ContentKind.choices, editable=False)
    guid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=200)
    slug = models.SlugField(max_length=220, help_text="Unique among the content of one kind.")
    summary = models.TextField(blank=True, max_length=2000)
    campaign = models.ForeignKey(Campaign, null=True, blank=True, on_delete=models.PROTECT, related_name="content")
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.PUBLIC)
    tags = models.JSONField(default=list, blank=True)
    picture = models.ForeignKey(Picture, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=ContentState.choices, default=ContentState.DRAFT, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    edited_at = models.DateTimeField(default=timezone.now, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    revision = models.PositiveIntegerField(
        default=0, editable=False, help_text="How often it was changed or moved: raised with each, as calendars ask."
    )
    revised_at = models.DateTimeField(default=timezone.now, editable=False)
    approved_at = models.DateTimeField(null=True, editable=False)
    approved_hashtags = models.JSONField(
        default=list, editable=False, help_text="The campaign's hashtags as they were approved with this."
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="planning_content_kind_slug")]
        indexes = [
            models.Index(fields=["state", "-id"], name="planning_content_state"),
            models.Index(fields=["kind", "-id"], name="planning_content_kind"),
            models.Index(fields=["campaign", "-id"], name="planning_content_campaign"),
        ]

    def __str__(self) -> str:
        return self.title

    @staticmethod
    def with_relations() -> models.QuerySet[Content]:
        """Content with the row of its own kind and what that refers to, in one query."""
        return Content.objects.select_related(
            "campaign", "picture", "edited_by", "vacancy__team", "event__host_team", "blogentry", "bulletin"
        )

    def kind_model(self) -> type[Content]:
        """The model of this content's own kind."""
        model = type(self)._meta.get_field(self._kind_name()).related_model if type(self) is Content else type(self)
        assert isinstance(model, type) and issubclass(model, Content)  # noqa: S101, PT018 - for the type checker
        return model

    def _kind_name(self) -> str:
        return self.kind.replace("_", "")

    @property
    def specific(self) -> Content:
        """The row of this content's own kind."""
        found = self if type(self) is not Content else getattr(self, self._kind_name())
        assert isinstance(found, Content)  # noqa: S101 - for the type checker
        for name in ("campaign", "picture"):  # what was read with the shared row is not read again
            if name in self._state.fields_cache:
                found._state.fields_cache.setdefault(name, self._state.fields_cache[name])
        return found

    def parts(self) -> list[Part]:
        """What it says of itself, by field: what is read before it is approved. Call on the row of its own kind."""
        fields = [field for field in self._meta.concrete_fields if field.editable and not field.primary_key]
        return [Part(field.name, _label(field.name), _words(self, field)) for field in fields]

    def ending(self) -> Ending:
        """When its own time ends, and whether it ended before that: told by the row of its own kind."""
        return self.specific.ending() if type(self) is Content and self.kind in WORDS_THEN else Ending()

    @property
    def base(self) -> Content:
        """The shared row, as publications refer to it."""
        return self if type(self) is Content else Content.objects.get(pk=self.pk)


LABELS = {
    "slug": "Web address ending",
    "salary_min_pence": "Lowest salary",
    "salary_max_pence": "Highest salary",
    "apply_url": "Where to apply",
    "online_url": "Online address",
}
"""Names of fields in words, where the field's own name says it badly."""


def _label(name: str) -> str:
    return LABELS.get(name, name.replace("_", " ").capitalize())


def _words(row: Content, field: models.Field[Any, Any]) -> str:
    """A value as a person reads it; a time as the organisation's clock shows it, the same for whoever asks."""
    value = getattr(row, field.name)
    if value is None or value == "":
        return ""
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return organisation_clock.format_moment(value)
    if isinstance(value, date):
        return organisation_clock.format_day(value)
    if isinstance(value, list):
        return ", ".join(value)
    if isinstance(value, Picture):
        return f"{value} (number {value.pk})"
    return f"£{value / 100:,.2f}" if field.name.endswith("_pence") else str(value)


class ContentMove(models.Model):
    """One step of a content's workflow with its comment; append-only. Together they are its history."""

    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="moves")
    from_state = models.CharField(max_length=10, choices=ContentState.choices)
    to_state = models.CharField(max_length=10, choices=ContentState.choices)
    comment = models.TextField(blank=True, max_length=2000)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"


class BlogEntry(Content):
    body = models.TextField(max_length=100_000, help_text="Markdown.")
    author_line = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "blog entries"


class ApprovedVersion(models.Model):
    """What a content said, on its page and on each channel, when it was approved; append-only."""

    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="approved_versions")
    parts = models.JSONField(help_text="As content.Part, in order: name, label, text.")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["content", "-id"], name="planning_approved_newest")]

    def __str__(self) -> str:
        return f"{self.content_id} as approved at {self.at:%Y-%m-%d %H:%M}"


class SearchWord(models.Model):
    """One word under which a content is found; written by campaigns.planning.search alone."""

    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="search_words")
    word = models.CharField(max_length=40)
    stem = models.CharField(max_length=3, help_text="Its first letters: the same in every database's order of words.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["content", "word"], name="planning_search_word_once")]
        indexes = [
            models.Index(fields=["word", "-content"], name="planning_search_word"),
            models.Index(fields=["stem", "-content"], name="planning_search_stem"),
        ]

    def __str__(self) -> str:
        return self.word
