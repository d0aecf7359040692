"""Writes to the house's own surfaces: puts items up, refreshes them, takes them down, and raises the surface's
version with whatever can be read there. Locks are taken in one order: content, items, versions."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from campaigns.planning.models import Audience, Content, ContentState, EarlyEnd
from campaigns.website import page_details
from campaigns.website.errors import InvalidItem, ItemRefused
from campaigns.website.models import Item, Surface, SurfaceVersion
from campaigns.website.page_document import PageDocument
from media import uses


@transaction.atomic
def put_item(*, surface: str, key: str, document: PageDocument, apply_link: str, at: datetime) -> Item:
    """Put a content on a surface, as its document tells it.

    The same key again changes nothing but what the document tells anew while the content is approved, and never
    brings back what was withdrawn since. Another key for the same content and surface is a second publication: it
    refreshes the item, and brings it back where it was withdrawn; guid and `published_at` stay. Raises the
    surface's version where a reader sees a difference. Raises InvalidItem, and ItemRefused with the code
    not_approved, for_staff or key_taken.
    """
    if surface not in Surface.values:
        raise InvalidItem(f"There is no surface {surface}.", field="surface")
    # Whoever withdraws or edits the content holds this lock: nothing slips out behind a withdrawal.
    content = Content.objects.select_for_update().filter(pk=document.content_id or 0).first()
    if content is None:
        raise InvalidItem("This content does not exist.", field="document")
    keyed = Item.objects.filter(key=key).first()
    if keyed and (keyed.surface, keyed.content_id) != (surface, content.pk):
        raise ItemRefused("This key already published something else.", code="key_taken", field="key")
    if keyed and (keyed.withdrawn_at or content.state != ContentState.APPROVED):
        return keyed
    shown = _columns(document)
    item = keyed or Item.objects.select_for_update().filter(surface=surface, content=content).first()
    _refuse_unfit(content, surface, shown, on_show=bool(item and not item.withdrawn_at))
    shown["apply_link"] = apply_link
    if item is None:
        item = Item.objects.create(surface=surface, key=key, published_at=at, updated_at=at, **shown)
        if _picture_ids(item):
            _record_pictures(item)
        _raise_versions([item], at)
        return item
    _write(item, {**shown, "withdrawn_at": None}, at)
    if item.key != key:
        item.key = key
        item.save(update_fields=["key"])
    return item


@transaction.atomic
def withdraw_item(*, item: Item, at: datetime) -> Item:
    """Take one item down; its page answers that it is gone. Called twice, the first time stands."""
    found = Item.objects.select_for_update().get(pk=item.pk)
    _write(found, {"withdrawn_at": found.withdrawn_at or at}, at)
    return found


@transaction.atomic
def withdraw_items(*, content: Content, at: datetime) -> None:
    """Take a content down from every surface. Called twice, the first time stands."""
    items = list(_items_of(content).filter(withdrawn_at=None))
    for item in items:
        item.withdrawn_at = item.updated_at = at
        item.save(update_fields=["withdrawn_at", "updated_at"])
        _record_pictures(item)
    _raise_versions(items, at)


@transaction.atomic
def end_items(*, content: Content, how: str, at: datetime) -> None:
    """Show on every surface that a vacancy or an event ended before its time: cancelled, filled or closed.
    A later ending takes the place of an earlier one; the same one again changes nothing. Raises InvalidItem."""
    if how not in EarlyEnd.values or how == EarlyEnd.NO:
        raise InvalidItem("Say how it ended: cancelled, filled or closed.", field="how")
    items = list(_items_of(content).exclude(ended=how))
    for item in items:
        item.ended = how
        item.updated_at = max(at, item.updated_at)
        item.save(update_fields=["ended", "updated_at"])
    _raise_versions((item for item in items if not item.withdrawn_at), at)


def find_item(*, key: str) -> Item | None:
    """The item that the publication with this key put up last, withdrawn or not."""
    return Item.objects.filter(key=key).first()


def build_item(document: PageDocument, *, at: datetime, surface: str = "", apply_link: str = "") -> Item:
    """The item that publishing would put up now, on the surface of its audience unless told otherwise; it is not
    saved. Times of its own are `at`."""
    own_surface = Surface.BULLETIN if document.audience == Audience.STAFF else Surface.BLOG
    return Item(
        surface=surface or own_surface,
        apply_link=apply_link,
        published_at=at,
        updated_at=at,
        **_columns(document),
    )


def _items_of(content: Content) -> QuerySet[Item]:
    # In the order of the surfaces, as their versions will be locked.
    return Item.objects.select_for_update().filter(content_id=content.pk).order_by("surface")


def _refuse_unfit(content: Content, surface: str, shown: dict[str, Any], *, on_show: bool) -> None:
    if content.state != ContentState.APPROVED:
        raise ItemRefused(f"“{content.title}” is not approved. Approve it, then publish it again.", code="not_approved")
    # What is on show already takes the new audience, which hides it from the public at once.
    if not on_show and surface == Surface.BLOG and Audience.STAFF in (shown["audience"], content.audience):
        raise ItemRefused(
            f"“{content.title}” is for staff and cannot be published on the public website. Publish it in the "
            "staff bulletin, or change its audience.",
            code="for_staff",
        )


def _columns(document: PageDocument) -> dict[str, Any]:
    """The document as an item keeps it."""
    return {
        "content_id": document.content_id,
        "kind": document.kind,
        "audience": document.audience,
        "slug": document.slug,
        "title": document.title,
        "summary": document.summary,
        "html": document.html,
        "author": document.author,
        "tags": list(document.tags),
        "picture_id": document.picture_id,
        "details": page_details.to_json(document.details),
        "ends_at": document.ends_at,
        "ended": document.ended,
    }


def _write(item: Item, columns: dict[str, Any], at: datetime) -> None:
    """Save the columns that differ; then `updated_at` moves and the surface's version rises."""
    changed = {name: value for name, value in columns.items() if getattr(item, name) != value}
    if not changed.get("ended"):
        changed.pop("ended", None)  # a document composed before the end does not undo it
    if not changed:
        return
    for name, value in changed.items():
        setattr(item, name, value)
    item.updated_at = max(at, item.updated_at)
    item.save(update_fields=[*changed, "updated_at"])
    if changed.keys() & {"picture_id", "html", "withdrawn_at"}:
        _record_pictures(item)
    _raise_versions([item], at)


def _record_pictures(item: Item) -> None:
    uses.record_uses(kind="item", row_id=item.pk, picture_ids=[] if item.withdrawn_at else _picture_ids(item))


def _picture_ids(item: Item) -> set[int]:
    return uses.picture_ids_in(item.html) | ({item.picture_id} if item.picture_id else set())


def _raise_versions(items: Iterable[Item], at: datetime) -> None:
    """One step for each surface. `changed_at` is in whole seconds and rises by at least one, because a reader
    compares Last-Modified, which has no finer grain; many changes within a second leave it ahead of the clock."""
    second = at.replace(microsecond=0)
    for surface in sorted({item.surface for item in items}):
        version, made = SurfaceVersion.objects.select_for_update().get_or_create(
            surface=surface, defaults={"number": 1, "changed_at": second}
        )
        if not made:
            version.number += 1
            version.stamp = uuid.uuid4()
            version.changed_at = max(second, version.changed_at + timedelta(seconds=1))
            version.save(update_fields=["number", "stamp", "changed_at"])
