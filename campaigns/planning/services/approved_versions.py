"""What is approved: every word of a content, on its page and on each channel, kept at each approval and compared
with what it says now."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, Model, OuterRef, Prefetch, prefetch_related_objects

from campaigns.planning import differences
from campaigns.planning.differences import Change, Part
from campaigns.planning.models import ApprovedVersion, Content, Publication, PublicationPicture

COMMON = "The common text: title and summary."


def parts_of(content: Content, to_go: Iterable[Publication] | None = None) -> list[Part]:
    """What a content says now: its own fields, its campaign's hashtags, and what is still to go to each channel. Two
    publications that say the same on one channel are one part. `to_go` is read where it is not given; see
    still_to_go."""
    rows = still_to_go(content) if to_go is None else to_go
    return [*content.specific.parts(), *_hashtags(content), *_on_channels(rows)]


def still_to_go(content: Content) -> list[Publication]:
    """What waits or may be tried again, by channel, with what composing needs; all of this same content."""
    pictures = PublicationPicture.objects.select_related("picture").order_by("position")
    to_go = Publication.objects.still_to_go().filter(content_id=content.pk).select_related("channel", "link")
    own = Exists(PublicationPicture.objects.filter(publication=OuterRef("pk")))
    rows = list(to_go.annotate(has_pictures=own).order_by("channel_id", "id"))
    for shows, placed in ((True, pictures), (False, PublicationPicture.objects.none())):
        having = [row for row in rows if getattr(row, "has_pictures", True) == shows]
        prefetch_related_objects(having, Prefetch("placed_pictures", placed))
    for row in rows:
        row.content = content
    return rows


def _hashtags(content: Content) -> list[Part]:
    tags = content.campaign.hashtags if content.campaign else []
    return [Part("hashtags", "Hashtags of the campaign", " ".join(f"#{tag}" for tag in tags))]


def _on_channels(rows: Iterable[Publication]) -> list[Part]:
    found, numbers = [], Counter[int]()
    for row in distinct_texts(rows):
        pictures = [f"Picture: {each.picture} (number {each.picture_id})" for each in row.placed_pictures.all()]
        text = "\n\n".join([row.wording.strip() or COMMON, *pictures])
        found.append(Part(f"channel.{row.channel_id}.{numbers[row.channel_id]}", row.channel.name, text))
        numbers[row.channel_id] += 1
    return found


def distinct_texts(rows: Iterable[Publication]) -> list[Publication]:
    """One of each that says the same on one channel with the same pictures; read with its pictures, see still_to_go."""
    found: dict[tuple[int, str, tuple[int, ...]], Publication] = {}
    for row in rows:
        pictures = tuple(each.picture_id for each in row.placed_pictures.all())
        found.setdefault((row.channel_id, row.wording.strip(), pictures), row)
    return list(found.values())


def digest_of(parts: Sequence[Part]) -> str:
    """Names what was read, so that an approval counts for that and nothing else."""
    told = json.dumps([(part.name, part.text) for part in parts])
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def record_version(*, content: Content, parts: Sequence[Part], by: Model | None) -> ApprovedVersion:
    """Keep what was approved just now. Call inside the transaction that approves."""
    return ApprovedVersion.objects.create(
        content_id=content.pk, parts=[list(part) for part in parts], by_id=by.pk if by else None
    )


def last_version(content: Content) -> ApprovedVersion | None:
    return ApprovedVersion.objects.filter(content_id=content.pk).select_related("by").order_by("-id").first()


def changes_since(version: ApprovedVersion | None, parts: Sequence[Part]) -> list[Change]:
    """What differs from what was approved; where nothing was yet, there is nothing to compare with."""
    if version is None:
        return []
    stored: list[Any] = version.parts
    return differences.compare_parts([Part(*part) for part in stored], parts)
