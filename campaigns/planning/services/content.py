"""What all kinds of content share: how it is saved, and its way from draft to approved and on."""

from __future__ import annotations

from copy import copy
from typing import Any, TypeVar

from django.db import models, transaction
from django.utils import timezone
from django.utils.text import slugify

from campaigns.planning import edits, live_posts, search, states, validation
from campaigns.planning.errors import InvalidPlan, MoveRefused, NotAllowed
from campaigns.planning.models import Content, ContentKind, ContentState, Organisation, PublicationState, Reason, Remedy
from campaigns.planning.services import approved_versions, waiting_publications
from media import uses

Row = TypeVar("Row", bound=Content)
ADDRESSES = {"slug", "apply_url"}
"""What tracked links lead to."""
KINDS = {kind.replace("_", ""): kind for kind in ContentKind.values}


def prepare(row: Content, *, by: models.Model | None, slug_stays: bool = False) -> None:
    """Fill what is derived (kind, slug, who edited) and check the row. Raises InvalidPlan."""
    row.kind = KINDS[row._meta.model_name or ""]
    row.title = " ".join(row.title.split()) if "\x00" not in row.title else row.title
    row.tags = validation.words(row.tags, field="tags")
    if not row.slug:
        row.slug = _free_slug(row)
    row.edited_at = timezone.now()
    row.edited_by_id = by.pk if by else None
    # Not left to the check of the row, which says the same in the database's words and names no field.
    same = Content.objects.filter(kind=row.kind, slug=row.slug.replace("\x00", "")).exclude(pk=row.pk)
    if not slug_stays and same.exists():
        raise InvalidPlan(
            ("Another item of this kind already uses this web address ending. Choose another."), field="slug"
        )
    validation.check(row, checked=["slug"])


def _free_slug(row: Content) -> str:
    stem = slugify(row.title)[:200] or row.kind.replace("_", "-")
    taken = set(
        Content.objects.filter(kind=row.kind, slug__startswith=stem).exclude(pk=row.pk).values_list("slug", flat=True)
    )
    number = 1
    slug = stem
    while slug in taken:
        number += 1
        slug = f"{stem}-{number}"
    return slug


@transaction.atomic
def save_new(row: Row, *, by: models.Model | None) -> Row:
    """Check and save a new draft. Raises InvalidPlan."""
    row.created_by_id = by.pk if by else None
    prepare(row, by=by)
    row.save()
    search.index(row)
    _record_pictures(row, picture_id=None, body="")
    return row


def apply_changes(
    row: Row,
    changes: dict[str, Any],
    *,
    by: models.Model | None,
    keep_approval: bool = False,
    locked: bool = False,
    autosave: bool = False,
) -> Row:
    """Change the named fields. Nothing named that differs: nothing is written. `locked` says that the caller has locked
    the row in this transaction and lets no part of it stand when this raises; `autosave`, that it is saved again and
    again while somebody types.

    Approved content goes back to review, unless whoever approved it makes a correction and keeps the approval.
    Raises InvalidPlan for a bad value, MoveRefused for archived content, NotAllowed for keeping another's approval.
    """
    with transaction.atomic(savepoint=not locked):
        row = row if locked else type(row).objects.select_for_update().get(pk=row.pk)
        differing = {name: value for name, value in changes.items() if getattr(row, name) != value}
        if differing:
            _change(row, differing, by=by, keep_approval=keep_approval, autosave=autosave)
    return row


def _change(
    row: Content, differing: dict[str, Any], *, by: models.Model | None, keep_approval: bool, autosave: bool
) -> None:
    if row.state == ContentState.ARCHIVED:
        raise MoveRefused("You cannot change archived content. Create new content instead.")
    if "slug" in differing and row.publications.filter(state=PublicationState.SENT).exists():
        raise InvalidPlan("This web address is already used in posts and feeds, so you cannot change it.", field="slug")
    if keep_approval and (by is None or row.approved_by_id != by.pk):
        raise NotAllowed("Only the person who approved this can correct it and keep the approval.")
    before = copy(row)
    for name, value in differing.items():
        setattr(row, name, value)
    row.revision, row.revised_at = row.revision + 1, timezone.now()
    prepare(row, by=by, slug_stays="slug" not in differing)
    edits.save(row, before=before, autosave=autosave)
    if search.words_of_row(row) != search.words_of_row(before):
        search.index(row)
    _record_pictures(row, picture_id=before.picture_id, body=getattr(before, "body", ""))
    if row.state == ContentState.APPROVED:
        if keep_approval:
            approved_versions.record_version(content=row, parts=approved_versions.parts_of(row), by=by)
            live_posts.registered().refresh(row)
        else:
            states.move_content(row, to=ContentState.IN_REVIEW, by=by, comment="Changed after approval.")
    elif row.approved_at is None and differing.keys() & ADDRESSES:  # nothing else is out before the first approval
        live_posts.registered().refresh(row)


def _record_pictures(row: Content, *, picture_id: int | None, body: str) -> None:
    """Where it shows others than with this picture and this body, which it had before. A bulletin's text is its
    sections, which are recorded with them."""
    if row.picture_id != picture_id:
        uses.record_uses(kind="content", row_id=row.pk, picture_ids=[row.picture_id] if row.picture_id else [])
    in_text = uses.picture_ids_in(getattr(row, "body", ""))
    if in_text != uses.picture_ids_in(body):
        uses.record_uses(kind="text", row_id=row.pk, picture_ids=in_text)


@transaction.atomic
def submit_content(*, content: Content, by: models.Model, comment: str = "") -> Content:
    """Ask for approval. Raises MoveRefused."""
    return states.move_content(content, to=ContentState.IN_REVIEW, by=by, comment=comment)


def approve_content(
    *, content: Content, by: models.Model, comment: str = "", seen: str = "", locked: bool = False
) -> Content:
    """Approve: from now on it may be published, and what was held only for want of approval is released. What it says
    now is kept, to compare with. `seen` is the digest of what was read (see approved_versions.digest_of). `locked` says
    that the caller has locked the row in this transaction and lets no part of it stand when this raises.

    Raises MoveRefused, also where something else than what was seen would be approved, and NotAllowed for people who
    last edited it themselves (unless the organisation allows it).
    """
    with transaction.atomic(savepoint=not locked):
        if not locked:
            Content.objects.select_for_update().get(pk=content.pk)
        # Read after the lock: what that waited for may have changed the row of its own kind, which it does not read.
        content = Content.with_relations().get(pk=content.pk)
        if refusal := approval_refusal(content, by):
            raise NotAllowed(refusal, code="own_edit")
        to_go = approved_versions.still_to_go(content)
        parts = approved_versions.parts_of(content, to_go)
        if seen and seen != approved_versions.digest_of(parts):
            raise MoveRefused(
                "This changed while you were reading, so nothing was approved. Read the new version.",
                code="changed_meanwhile",
            )
        approved_before = content.approved_at is not None
        states.move_content(
            content,
            to=ContentState.APPROVED,
            by=by,
            comment=comment,
            approved_by_id=by.pk,
            approved_at=timezone.now(),
            approved_hashtags=content.campaign.hashtags if content.campaign else [],
        )
        approved_versions.record_version(content=content, parts=parts, by=by)
        if approved_before:
            live_posts.registered().refresh(content)
        # What still does not fit is held again. Nobody holds for want of an approval while the content is locked.
        waiting_publications.release([row for row in to_go if row.is_held_until(Remedy.APPROVAL)], by=by)
    return content


def approvable_by(person: models.Model) -> models.Q:
    """Chooses the content that this person may approve: none that they edited last themselves, unless the organisation
    allows that."""
    alone = models.Q(models.Exists(Organisation.objects.filter(approves_own_edits=True)))
    return ~models.Q(edited_by_id=person.pk) | alone


def approval_refusal(content: Content, by: models.Model) -> str:
    """Why this person may not approve it, in a sentence; empty where they may."""
    if content.edited_by_id != by.pk:
        return ""
    if Content.objects.filter(approvable_by(by), pk=content.pk).exists():
        return ""
    return "You edited this last, so someone else must approve it."


@transaction.atomic
def return_content(*, content: Content, by: models.Model, comment: str) -> Content:
    """Send back with a comment. Raises InvalidPlan without one, and MoveRefused."""
    if not comment.strip():
        raise InvalidPlan("Enter a comment that says what to change.", field="comment")
    return states.move_content(content, to=ContentState.RETURNED, by=by, comment=comment)


@transaction.atomic
def withdraw_content(*, content: Content, by: models.Model, comment: str = "") -> Content:
    """Take it back: waiting publications are cancelled, our own pages and feeds drop it, and what is live elsewhere is
    taken down.

    Raises MoveRefused.
    """
    states.move_content(content, to=ContentState.WITHDRAWN, by=by, comment=comment)
    why = "The content was withdrawn."
    waiting_publications.cancel_of_content(content=content, by=by, code=Reason.CONTENT_WITHDRAWN, reason=why)
    live_posts.registered().take_down(content, by=by)
    return content


@transaction.atomic
def archive_content(*, content: Content, by: models.Model, comment: str = "") -> Content:
    """Put away what is done with; its waiting publications are cancelled. Raises MoveRefused."""
    states.move_content(content, to=ContentState.ARCHIVED, by=by, comment=comment)
    why = "The content was archived."
    waiting_publications.cancel_of_content(content=content, by=by, code=Reason.CONTENT_ARCHIVED, reason=why)
    live_posts.registered().archive(content)
    return content
