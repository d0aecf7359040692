"""What people decide about publications. Sending them is the scheduler's."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from datetime import datetime, timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from campaigns.planning import edits, live_posts, organisation_clock, signals, states, validation
from campaigns.planning.errors import InvalidPlan, MoveRefused
from campaigns.planning.models import (
    WAITING,
    Audience,
    Channel,
    Content,
    ContentState,
    LateRule,
    Publication,
    PublicationPicture,
    PublicationState,
    Reason,
    Recurrence,
    SentPost,
)
from media import uses
from media.models import Picture

PICTURES_AT_MOST = 4
"""What X takes; others take as many or more."""
PAST_IS = timedelta(minutes=1)
WITHOUT_PICTURES = models.Prefetch("placed_pictures", PublicationPicture.objects.none())
LOST_RACE = "This changed a moment ago. Check it, then try again."


def schedule_publication(
    *,
    content: Content,
    channel: Channel,
    publish_at: datetime,
    zone: str,
    wording: str = "",
    late_rule: str = LateRule.PUBLISH,
    late_after_minutes: int = 60,
    allow_past: bool = False,
    recurrence: Recurrence | None = None,
    pictures: Sequence[Picture] = (),
    by: models.Model | None,
    locked: bool = False,
) -> Publication:
    """Plan one content on one channel at one time. It goes out only once the content is approved. `locked` says that
    the caller has locked the content in this transaction and lets no part of it stand when this raises.

    A time without an offset is read on the wall clock of `zone`. Raises InvalidPlan: a time in the past (unless
    allowed), staff content on a public channel, after the vacancy closes or the event is over, content that is
    withdrawn or archived, a channel that is no longer used, too many pictures. Wording or pictures of its own send
    approved content back to review; a recurrence's wording was reviewed with the recurrence.
    """
    with transaction.atomic(savepoint=not locked):
        content = content if locked else Content.objects.select_for_update().get(pk=content.pk)
        at = _checked_time(content, publish_at, zone, allow_past=allow_past)
        check_may_publish(content, channel)
        same = Publication.objects.waiting().filter(content_id=content.pk, channel=channel, publish_at=at)
        if same.exists():
            raise InvalidPlan(
                "This is already scheduled for the same channel and time. Change that post instead.", field="publish_at"
            )
        publication = Publication(
            content=content,
            channel=channel,
            publish_at=at,
            due_at=at,
            zone=zone,
            wording=wording,
            late_rule=late_rule,
            late_after_minutes=late_after_minutes,
            recurrence=recurrence,
            created_by_id=by.pk if by else None,
        )
        validation.check(publication)
        publication.save()
        if pictures:
            _place_pictures(publication, pictures)
        else:  # which nobody has to ask for
            models.prefetch_related_objects([publication], WITHOUT_PICTURES)
        live_posts.registered().add_link(publication)
        if (wording.strip() or pictures) and recurrence is None:
            return_to_review(content, channel, by=by)
    return publication


def check_pictures(pictures: Sequence[Picture]) -> None:
    """Raise InvalidPlan for more than a publication may have, or one of them twice."""
    if len(pictures) > PICTURES_AT_MOST:
        raise InvalidPlan(f"A post can have up to {PICTURES_AT_MOST} pictures.", field="picture_ids")
    if len({picture.pk for picture in pictures}) < len(pictures):
        raise InvalidPlan("The same picture is included twice.", field="picture_ids")


def _place_pictures(publication: Publication, pictures: Sequence[Picture]) -> None:
    check_pictures(pictures)
    publication.refresh_from_db(fields=["placed_pictures"])  # forgets what was read of them
    removed, _ = publication.placed_pictures.all().delete()
    PublicationPicture.objects.bulk_create(
        PublicationPicture(publication=publication, picture=picture, position=position)
        for position, picture in enumerate(pictures)
    )
    if removed or pictures:
        uses.record_uses(kind="publication", row_id=publication.pk, picture_ids=[picture.pk for picture in pictures])


def check_may_publish(content: Content, channel: Channel) -> None:
    """Raise InvalidPlan for content that is withdrawn or archived, a channel that is no longer used, or staff content
    on a public channel."""
    if content.state in (ContentState.WITHDRAWN, ContentState.ARCHIVED):
        raise InvalidPlan(f"This content is {content.get_state_display().lower()}.", field="content_id")
    if not channel.active:
        raise InvalidPlan(f"{channel.name} is no longer in use. Choose another channel.", field="channel_id")
    if not fits_audience(content, channel):
        raise InvalidPlan(f"This content is for staff, and {channel.name} can be read by everyone.", field="channel_id")


def return_to_review(content: Content, channel: Channel, *, by: models.Model | None) -> None:
    """What goes out is what was approved: new wording for a channel needs approval like any other edit."""
    values = {"edited_by_id": by.pk if by else None, "edited_at": timezone.now()}
    if content.state == ContentState.APPROVED:
        states.move_content(
            content, to=ContentState.IN_REVIEW, by=by, comment=f"New text for {channel.name}.", **values
        )
    else:
        Content.objects.filter(pk=content.pk).update(**values)


def fits_audience(content: Content, channel: Channel) -> bool:
    return content.audience == Audience.PUBLIC or channel.audience == Audience.STAFF


def _checked_time(content: Content, publish_at: datetime, zone: str, *, allow_past: bool) -> datetime:
    at = organisation_clock.to_utc(publish_at, zone, field="publish_at")
    if not allow_past and at < timezone.now() - PAST_IS:
        raise InvalidPlan("This time has passed. Choose a later one.", field="publish_at")
    ending = content.ending()
    if ending.is_over(timezone.now()) and not allow_past:
        raise InvalidPlan(ending.words(timezone.now()), field="content_id")
    if ending.is_over(at) and not allow_past:
        raise InvalidPlan("This is after the job closes or the event ends.", field="publish_at")
    return at


def change_publication(
    *,
    publication: Publication,
    by: models.Model | None,
    wording: str | None = None,
    pictures: Sequence[Picture] | None = None,
    late_rule: str | None = None,
    late_after_minutes: int | None = None,
    locked: bool = False,
) -> Publication:
    """Change wording, pictures or lateness rule while it waits, or after it failed and before it is tried again. What
    goes out is what was approved, so new wording or pictures send approved content back to review. `locked` says that
    the row comes from lock_publication in this transaction, and the caller lets no part of it stand when this raises.
    Raises MoveRefused once it has left, InvalidPlan for a bad value."""
    with transaction.atomic(savepoint=not locked):
        row = publication if locked else lock_publication(publication.pk)
        _must_wait(row, PublicationState.FAILED)
        before = copy(row)
        row.wording = row.wording if wording is None else wording
        row.late_rule = late_rule or row.late_rule
        row.late_after_minutes = row.late_after_minutes if late_after_minutes is None else late_after_minutes
        _revise(row)
        validation.check(row)
        edits.save(row, before=before)
        placed = [each.picture_id for each in row.placed_pictures.all()]
        redrawn = pictures is not None and [picture.pk for picture in pictures] != placed
        if pictures is not None and redrawn:
            _place_pictures(row, pictures)
            now = [picture.pk for picture in pictures]
            signals.pictures_changed.send(sender=Publication, publication=row, before=placed, after=now, by=by)
        if row.wording != before.wording or redrawn:
            return_to_review(row.content, row.channel, by=by)
    return row


def _revise(publication: Publication) -> None:
    publication.revision, publication.revised_at = publication.revision + 1, timezone.now()


def lock_content_of(publication_id: int) -> Content:
    """The content of a publication, locked. It comes before the publication itself, as whoever approves it takes them:
    neither waits for the other for ever, and no wording slips in behind what the approver has read. Call inside a
    transaction. Raises Content.DoesNotExist where there is no such publication."""
    return Content.objects.select_for_update(of=("self",)).get(publications=publication_id)


def lock_publication(publication_id: int) -> Publication:
    """A publication with its content, both locked in the order of lock_content_of, and with its channel and pictures.
    Call inside a transaction. Raises Content.DoesNotExist where there is no such publication."""
    content = lock_content_of(publication_id)
    rows = Publication.objects.select_for_update(of=("self",)).select_related("channel")
    publication = rows.prefetch_related("placed_pictures").get(pk=publication_id)
    publication.content = content
    return publication


def _locked_in(publication: Publication, *states_: PublicationState) -> Publication:
    """The row, locked. Raises MoveRefused unless it stands in one of these states: above all, nobody moves what is
    being sent at this moment."""
    row = Publication.objects.select_for_update().get(pk=publication.pk)
    if row.state not in states_:
        wanted = " or ".join(state.label.lower() for state in states_)
        raise MoveRefused(f"This post is {row.get_state_display().lower()}; it needs to be {wanted}.")
    return row


def _must_wait(publication: Publication, *or_stands: PublicationState) -> None:
    if publication.state not in (*WAITING, *or_stands):
        raise MoveRefused(f"This post is {publication.get_state_display().lower()}, so you cannot change it.")
    if publication.lease_until is not None and publication.lease_until > timezone.now():
        raise MoveRefused("This post is being sent right now.", code="going_out")


@transaction.atomic
def reschedule_publication(
    *,
    publication: Publication,
    publish_at: datetime,
    zone: str,
    by: models.Model | None,
    allow_past: bool = False,
) -> Publication:
    """Move it to another time; a held one is released to it. Raises MoveRefused once it has left, InvalidPlan."""
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    _must_wait(publication)
    at = _checked_time(publication.content, publish_at, zone, allow_past=allow_past)
    publication.publish_at = publication.due_at = at
    publication.zone = zone
    publication.deferred_until = None
    publication.reason = publication.reason_code = publication.channel_code = ""
    publication.fence += 1
    _revise(publication)
    validation.check(publication)
    why = ["reason", "reason_code", "channel_code", "revision", "revised_at"]
    publication.save(update_fields=["publish_at", "due_at", "zone", "deferred_until", "fence", *why])
    if publication.state == PublicationState.HELD:
        _move(publication, to=PublicationState.SCHEDULED, by=by)
    return publication


@transaction.atomic
def cancel_publication(*, publication: Publication, by: models.Model | None, reason: str = "") -> Publication:
    """Give it up: it will not go out. For an unknown one this says that nothing more is done. Raises MoveRefused."""
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    return _move(
        publication,
        to=PublicationState.CANCELLED,
        by=by,
        reason=reason,
        reason_code=Reason.CANCELLED_BY_HAND,
        raise_fence=True,
    )


@transaction.atomic
def hold_publication(*, publication: Publication, by: models.Model | None, reason: str) -> Publication:
    """Keep it back until somebody releases it. Raises MoveRefused unless it waits for its time."""
    publication = _locked_in(publication, PublicationState.SCHEDULED)
    return _move(
        publication,
        to=PublicationState.HELD,
        by=by,
        reason=reason,
        reason_code=Reason.HELD_BY_HAND,
        raise_fence=True,
    )


@transaction.atomic
def release_publication(*, publication: Publication, by: models.Model | None) -> Publication:
    """Let a held one go, now if its time has passed: whoever releases it has decided that late is right.
    Raises MoveRefused unless it is held."""
    publication = _locked_in(publication, PublicationState.HELD)
    return release_locked(publication, by=by)


def release_locked(publication: Publication, *, by: models.Model | None) -> Publication:
    """As `release_publication`, of a row that the caller has locked and found held."""
    now = timezone.now()
    return _move(
        publication,
        to=PublicationState.SCHEDULED,
        by=by,
        due_at=max(now, publication.publish_at),
        released_at=now,
    )


@transaction.atomic
def retry_publication(*, publication: Publication, by: models.Model | None) -> Publication:
    """Try a failed one again now, or an unknown one of which a person has seen that it is not live.
    Raises MoveRefused."""
    publication = Publication.objects.select_for_update().get(pk=publication.pk)
    if publication.state not in (PublicationState.FAILED, PublicationState.UNKNOWN):
        raise MoveRefused(f"This post is {publication.get_state_display().lower()}, so there is nothing to try again.")
    now = timezone.now()
    return _move(
        publication, to=PublicationState.SCHEDULED, by=by, due_at=now, released_at=now, tries=0, missed_reads=0
    )


@transaction.atomic
def mark_published(
    *,
    publication: Publication,
    at: datetime,
    url: str = "",
    kind: str = "",
    account: str = "",
    text: str = "",
    fingerprint: str = "",
    price: int = 0,
    by: models.Model | None,
) -> Publication:
    """Record that a person published it by hand, or has found it live, and what went out. Raises MoveRefused, also
    where somebody would publish by hand what is not approved, and InvalidPlan for a time in the future or an address
    that is not http or https."""
    publication = _locked_in(publication, PublicationState.SCHEDULED, PublicationState.HELD, PublicationState.UNKNOWN)
    at = organisation_clock.to_utc(at, publication.zone, field="at")
    if at > timezone.now() + PAST_IS:
        raise InvalidPlan("This time is in the future.", field="at")
    found_live = publication.state == PublicationState.UNKNOWN
    if not found_live and publication.content.state != ContentState.APPROVED:
        raise MoveRefused("Only approved content can be published. Get it approved first.", code="not_approved")
    if publication.state == PublicationState.SCHEDULED:
        _must_wait(publication)
    validation.check_address(url, field="url")
    return _move(
        publication,
        to=PublicationState.SENT,
        by=by,
        reason="Published manually.",
        reason_code=Reason.PUBLISHED_BY_HAND,
        sent=SentPost(
            kind=kind,
            account=account,
            url=url,
            text=text,
            fingerprint=fingerprint,
            price=price,
            at=at,
            published_manually=True,
            by_id=by.pk if by else None,
        ),
        raise_fence=True,
    )


@transaction.atomic
def mark_taken_down(*, publication: Publication, by: models.Model | None) -> Publication:
    """Record that a person took a published one down where it stood. Raises MoveRefused unless it was sent."""
    publication = _locked_in(publication, PublicationState.SENT)
    return _move(
        publication,
        to=PublicationState.WITHDRAWN,
        by=by,
        reason="Taken down manually.",
        reason_code=Reason.TAKEN_DOWN_BY_HAND,
    )


def _move(
    publication: Publication,
    *,
    to: str,
    by: models.Model | None,
    **columns: Any,
) -> Publication:
    if not states.move_publication(publication, to=to, by=by, **columns):
        raise MoveRefused(LOST_RACE, code="lost_race")
    publication.refresh_from_db()
    return publication
