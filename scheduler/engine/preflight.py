"""Reasons not to send now. Asked after the claim and before anything is tried."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet

from campaigns.planning.models import (
    Audience,
    ContentState,
    LateRule,
    Pause,
    Publication,
    PublicationPicture,
    PublicationState,
    QuietPeriod,
    Reason,
)
from campaigns.planning.models.publication import PublicationQuerySet
from campaigns.planning.services import publications
from campaigns.planning.services.timing import quiet_periods
from scheduler.channels import registry
from scheduler.connections.models import Connection
from scheduler.connections.services import find_adapter_class


@dataclass(frozen=True)
class Blocked:
    """Where the publication goes instead, and why."""

    to: PublicationState
    code: Reason
    reason: str
    channel_code: str = ""


@dataclass(frozen=True)
class Deferred:
    """Until when the publication waits where it stands, and why."""

    until: datetime
    code: Reason
    reason: str


def with_preflight_data(rows: PublicationQuerySet) -> QuerySet[Publication]:
    """Publications with all that the gates and composing ask, in one query; what they hardly ever meet (a pause, quiet
    hours, pictures) only as whether there is any."""
    channel = OuterRef("channel_id")
    over = Q(campaign=None, channel=None) | Q(channel_id=channel) | Q(campaign_id=OuterRef("content__campaign_id"))
    rows = rows.with_content().select_related("channel__connection", "content__vacancy", "content__event")
    return rows.annotate(
        has_pause=Exists(Pause.objects.active().filter(over)),
        keeps_quiet=Exists(QuietPeriod.objects.filter(channel_id=channel)),
        has_pictures=Exists(PublicationPicture.objects.filter(publication=OuterRef("pk"))),
    )


def check_publication(
    publication: Publication, connection: Connection | None, now: datetime
) -> Blocked | Deferred | None:
    """The first reason that keeps this publication from going out now, or None."""
    content, channel = publication.content, publication.channel
    if content.state == ContentState.WITHDRAWN:
        return Blocked(PublicationState.CANCELLED, Reason.CONTENT_WITHDRAWN, "The content was withdrawn.")
    if content.state == ContentState.ARCHIVED:
        return Blocked(PublicationState.CANCELLED, Reason.CONTENT_ARCHIVED, "The content was archived.")
    if ended := content.ending().words(now):
        return Blocked(PublicationState.CANCELLED, Reason.CONTENT_ENDED, ended)
    reaches = registry.reaches(connection.kind, channel.audience) if connection else channel.audience
    leaks = content.audience == Audience.STAFF and reaches != Audience.STAFF
    if leaks or not publications.fits_audience(content, channel):
        return Blocked(
            PublicationState.HELD, Reason.AUDIENCE, f"The content is for staff, and everyone can read {channel.name}."
        )
    if content.state != ContentState.APPROVED:
        return Blocked(
            PublicationState.HELD,
            Reason.NOT_APPROVED,
            ("The content is not approved. It will be published once it is approved."),
        )
    return (
        _paused(publication)
        or _quiet(publication, now)
        or _late(publication, now)
        or _unconnected(publication, connection)
        or _manual_channel(publication, connection)
    )


def _paused(publication: Publication) -> Blocked | None:
    pause = Pause.objects.over(publication).first() if getattr(publication, "has_pause", True) else None
    return Blocked(PublicationState.HELD, Reason.PAUSED, f"Publishing is on hold: {pause.reason}") if pause else None


def _quiet(publication: Publication, now: datetime) -> Deferred | None:
    rest = (
        quiet_periods.quiet_time_of(publication.channel_id, now) if getattr(publication, "keeps_quiet", True) else None
    )
    return Deferred(rest.until, Reason.QUIET, rest.reason) if rest else None


def _late(publication: Publication, now: datetime) -> Blocked | None:
    late = now - max(publication.publish_at, publication.deferred_until or publication.publish_at)
    if publication.released_at or late <= timedelta(minutes=publication.late_after_minutes):
        return None
    minutes = int(late.total_seconds() // 60)
    if publication.late_rule == LateRule.HOLD:
        why = f"It would be {minutes} minutes late. Release it if it is still relevant."
        return Blocked(PublicationState.HELD, Reason.LATE, why)
    if publication.late_rule == LateRule.CANCEL:
        return Blocked(PublicationState.CANCELLED, Reason.LATE, f"It would have been {minutes} minutes late.")
    return None


def _unconnected(publication: Publication, connection: Connection | None) -> Blocked | None:
    name = publication.channel.name
    if not publication.channel.active:
        return Blocked(PublicationState.HELD, Reason.CHANNEL_INACTIVE, f"{name} is no longer in use.")
    if connection is None:
        return Blocked(
            PublicationState.HELD,
            Reason.NOT_CONNECTED,
            f"{name} is not connected. Post it yourself and mark it as published, or connect the channel.",
        )
    if connection.status == Connection.Status.NEEDS_SIGN_IN:
        why = connection.message or "The access token was not accepted. Connect the channel again."
        return Blocked(PublicationState.HELD, Reason.NEEDS_SIGN_IN, f"{name} is not accepting posts from us. {why}")
    return None


def _manual_channel(publication: Publication, connection: Connection | None) -> Blocked | None:
    adapter = find_adapter_class(connection)
    if adapter is None or not adapter.abilities.manual:
        return None
    reason = f"It is due: post it on {publication.channel.name} yourself, then mark it as published."
    return Blocked(PublicationState.HELD, Reason.POST_BY_HAND, reason)
