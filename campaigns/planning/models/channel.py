from __future__ import annotations

from django.db import models
from django.utils import timezone

from campaigns.planning.models.content import Audience


class Channel(models.Model):
    """Where people hear from us: an account, the blog, a job board, a stall, a poster."""

    class Category(models.TextChoices):
        SOCIAL = "social", "Social media"
        BLOG = "blog", "Blog"
        FEED = "feed", "Feed"
        EMAIL = "email", "Email"
        STAFF_TOOL = "staff_tool", "Staff tool"
        JOBS_BOARD = "jobs_board", "Jobs board"
        EVENT = "event", "Event"
        REFERRAL = "referral", "Referral"
        AGENCY = "agency", "Agency"
        BROADCAST = "broadcast", "Broadcast"
        PRINT = "print", "Print"
        OTHER = "other", "Other"

    name = models.CharField(max_length=200)
    slug = models.SlugField(max_length=100, unique=True)
    category = models.CharField(max_length=20, choices=Category.choices)
    audience = models.CharField(
        max_length=10,
        choices=Audience.choices,
        default=Audience.PUBLIC,
        help_text="Who hears this channel. Content for staff goes only to channels for staff.",
    )
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
