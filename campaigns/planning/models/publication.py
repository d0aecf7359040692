from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from campaigns.planning import organisation_clock
from campaigns.planning.models.channel import Channel
from campaigns.planning.models.content import Content
from campaigns.planning.models.ended_content import content_ended_by
from campaigns.planning.models.reason import STILL_TO_GO, WAITING, PublicationState, Reason, Remedy, cleared_by
from media.models import Picture


class LateRule(models.TextChoices):
    """What happens to a publication that could not go out in time."""

    PUBLISH = "publish", "Publish it late"
    HOLD = "hold", "Hold for someone to decide"
    CANCEL = "cancel", "Cancel it"


class PublicationQuerySet(models.QuerySet["Publication"]):
    def due(self, now: datetime) -> PublicationQuerySet:
        """Waiting, at or past its time, and claimed by no live worker."""
        return self.unclaimed(now).filter(due_at__lte=now)

    def due_or_claimed(self, now: datetime) -> PublicationQuerySet:
        """Waiting for nothing but its turn, claimed or not."""
        return self.filter(state=PublicationState.SCHEDULED, due_at__lte=now)

    def unclaimed(self, now: datetime) -> PublicationQuerySet:
        """Waiting, and claimed by no live worker."""
        return self.filter(Q(lease_until=None) | Q(lease_until__lt=now), state=PublicationState.SCHEDULED)

    def with_content(self) -> PublicationQuerySet:
        """With what composing needs, in one query."""
        return self.select_related("content__campaign", "content__vacancy", "channel", "link")

    def waiting(self) -> PublicationQuerySet:
        """Not gone out yet, and still meant to."""
        return self.filter(state__in=WAITING)

    def of_ended_content(self, now: datetime) -> PublicationQuerySet:
        """Of a vacancy that has closed or an event that is over, with what tells its ending."""
        return self.filter(content_ended_by(now, "content__")).select_related("content__vacancy", "content__event")

    def still_to_go(self) -> PublicationQuerySet:
        """Waiting, or failed, which a person may try again: what an approval of its content is for."""
        return self.filter(state__in=STILL_TO_GO)

    def needs_attention(self, needed: bool = True) -> PublicationQuerySet:
        """Nothing more happens until somebody acts; or, not `needed`, all others."""
        return self.filter(needs_person=needed)

    def looked_for(self) -> PublicationQuerySet:
        """Of unknown outcome, and the engine finds out by itself."""
        return self.needs_attention(False).filter(state=PublicationState.UNKNOWN)

    def under_way(self) -> PublicationQuerySet:
        """Being sent, or looked for after an answer was lost."""
        under_way = [PublicationState.SENDING, PublicationState.UNKNOWN]
        return self.needs_attention(False).filter(state__in=under_way)

    def held_until(self, remedy: Remedy) -> PublicationQuerySet:
        """Held for what this clears."""
        return self.filter(state=PublicationState.HELD, reason_code__in=cleared_by(remedy))

    def sent_until(self, remedy: Remedy) -> PublicationQuerySet:
        """Sent, and waiting for what this clears, to be taken down."""
        return self.filter(state=PublicationState.SENT, reason_code__in=cleared_by(remedy))

    def held_on(self, channel: Channel, reason_code: Reason) -> PublicationQuerySet:
        """Held on one channel for one reason."""
        return self.filter(channel=channel, state=PublicationState.HELD, reason_code=reason_code)


class Publication(models.Model):
    """One content on one channel at one time: the unit of the schedule."""

    content = models.ForeignKey(Content, on_delete=models.PROTECT, related_name="publications")
    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="publications")
    wording = models.TextField(
        blank=True, max_length=50_000, help_text="This channel's own text; empty means title and summary."
    )
    pictures = models.ManyToManyField(
        Picture,
        through="PublicationPicture",
        related_name="+",
        help_text="This channel's own pictures, in order; none means the content's.",
    )
    publish_at = models.DateTimeField(help_text="In UTC.")
    zone = models.CharField(
        max_length=64, default=organisation_clock.organisation_zone_name, help_text="The zone that it was chosen in."
    )
    late_rule = models.CharField(max_length=10, choices=LateRule.choices, default=LateRule.PUBLISH)
    late_after_minutes = models.PositiveIntegerField(default=60)
    recurrence = models.ForeignKey(
        "planning.Recurrence",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="publications",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    revision = models.PositiveIntegerField(
        default=0, editable=False, help_text="How often it was changed or moved: raised with each, as calendars ask."
    )
    revised_at = models.DateTimeField(default=timezone.now, editable=False)

    state = models.CharField(
        max_length=10, choices=PublicationState.choices, default=PublicationState.SCHEDULED, editable=False
    )
    reason_code = models.CharField(max_length=30, choices=Reason.choices, blank=True, editable=False)
    reason = models.TextField(blank=True, editable=False, help_text="Why it stands where it stands, in words.")
    channel_code = models.CharField(
        max_length=60, blank=True, editable=False, help_text="What the channel's adapter called it, where it said so."
    )
    released_at = models.DateTimeField(
        null=True, editable=False, help_text="When a person let it go; its lateness rule is over then."
    )
    deferred_until = models.DateTimeField(
        null=True, editable=False, help_text="The end of its channel's quiet time; its lateness counts from then."
    )
    # The moment of its SentPost: lists of what went out and what is still to go show it without one more join each.
    sent_at = models.DateTimeField(null=True, editable=False)

    # The engine's own columns. Each claim raises `fence`; every later move names it.
    key = models.UUIDField(null=True, unique=True, editable=False, help_text="Fixed at the first claim.")
    due_at = models.DateTimeField(editable=False, help_text="When the engine looks at it next.")
    fence = models.PositiveIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveIntegerField(default=0, editable=False)
    missed_reads = models.PositiveIntegerField(
        default=0, editable=False, help_text="How often in a row read-back did not find it."
    )
    needs_person = models.BooleanField(
        default=False, editable=False, help_text="Follows from state and reason; written by planning.states alone."
    )

    objects = PublicationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "due_at"], name="planning_publication_due"),
            models.Index(fields=["channel", "state", "due_at"], name="planning_publication_turn"),
            models.Index(
                fields=["lease_until"], name="planning_publication_lease", condition=Q(lease_until__isnull=False)
            ),
            models.Index(fields=["publish_at", "id"], name="planning_publication_time"),
            models.Index(
                fields=["-sent_at", "-id"], name="planning_publication_sent", condition=Q(sent_at__isnull=False)
            ),
            models.Index(fields=["state"], name="planning_publication_person", condition=Q(needs_person=True)),
            models.Index(fields=["channel", "publish_at"], name="planning_publication_channel"),
        ]

    def is_held_until(self, remedy: Remedy) -> bool:
        """Whether it is held for what this clears; see held_until."""
        return self.state == PublicationState.HELD and self.reason_code in cleared_by(remedy)

    def __str__(self) -> str:
        return f"{self.content_id} on {self.channel_id} at {self.publish_at:%Y-%m-%d %H:%M}"


class PublicationPicture(models.Model):
    """One picture of a publication, and its place among them."""

    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="placed_pictures")
    picture = models.ForeignKey(Picture, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["publication", "position"], name="planning_publication_picture_place"),
            models.UniqueConstraint(fields=["publication", "picture"], name="planning_publication_picture_once"),
        ]

    def __str__(self) -> str:
        return f"{self.picture_id} at {self.position} of {self.publication_id}"
