"""From a publication to what its channel is given: the draft, with the tracked link."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from campaigns.bulletins import addresses, documents
from campaigns.hiring import links
from campaigns.planning.models import Content, ContentState, Publication, PublicationState
from media import fitting
from media import models as media
from scheduler.channels.contract import Abilities, Adapter, DoesNotFit, Draft, Payload, Picture, PictureLimits
from scheduler.channels.house import HouseAdapter
from scheduler.connections import adapter_of
from scheduler.errors import CannotPreview, NotConnected
from scheduler.models import Attempt, Connection

PREVIEW_CODE = "preview1"
"""Stands for the tracked link, at its length, before the publication has one."""

WENT_OUT = (PublicationState.SENT, PublicationState.WITHDRAWN)


def default_wording(content: Content) -> str:
    return f"{content.title}\n\n{content.summary}".strip()


def link_of(publication: Publication) -> str:
    """The publication's tracked link; made on first call, the same ever after."""
    link = links.link_for_publication(publication=publication, page_url=addresses.page_of(publication.content))
    return addresses.link_url(link.code)


def fingerprint(text: str, link: str) -> str:
    """The same for texts that differ by nothing but their tracked link, space and capitals."""
    words = text.replace(link, "").casefold().split()
    return hashlib.sha256(" ".join(words).encode()).hexdigest()


def draft_of(
    publication: Publication, pictures: Sequence[media.Picture], *, link: str, abilities: Abilities, house: bool = False
) -> Draft:
    content = publication.content
    document = {}
    if abilities.carries_document:
        document = {"content_id": content.pk, **documents.document_of(content.specific)}
    approved = content.state == ContentState.APPROVED
    hashtags = content.approved_hashtags if approved else content.campaign.hashtags if content.campaign else []
    return Draft(
        title=content.title,
        text=publication.wording.strip() or ("" if house else default_wording(content)),
        link=link,
        hashtags=tuple(hashtags),
        document=document,
        pictures=_fitted(pictures, abilities.pictures) if abilities.pictures else (),
    )


def _own_pictures(publication: Publication) -> list[media.Picture]:
    if publication.pk is None:
        return []
    return [row.picture for row in publication.placed_pictures.select_related("picture")]


def _fitted(pictures: Sequence[media.Picture], limits: PictureLimits) -> tuple[Picture, ...]:
    found = []
    for picture in pictures:
        fitted = fitting.fitted(picture, bytes_at_most=limits.bytes, side_at_most=limits.side)
        found.append(
            Picture(
                data=fitted.data,
                media_type=fitted.media_type,
                alt_text=picture.alt_text,
                width=fitted.width,
                height=fitted.height,
            )
        )
    return tuple(found)


def compose(
    publication: Publication, adapter: Adapter, *, link: str, pictures: Sequence[media.Picture] = ()
) -> Payload:
    """With these pictures, or the publication's own, or else its content's. Raises DoesNotFit."""
    chosen = pictures or _own_pictures(publication)
    if not chosen and publication.content.picture:
        chosen = [publication.content.picture]
    house = isinstance(adapter, HouseAdapter)
    return adapter.compose(draft_of(publication, chosen, link=link, abilities=adapter.abilities, house=house))


def preview(publication: Publication, *, pictures: Sequence[media.Picture] = ()) -> Payload:
    """What will go out, as it stands now, saved or not. Changes nothing. Raises NotConnected and CannotPreview."""
    connection = Connection.objects.filter(channel_id=publication.channel_id).first()
    if connection is None:
        raise NotConnected(
            f"{publication.channel.name} is not connected, so there is no preview. Publish it by hand and mark it as "
            "published, or connect the channel."
        )
    known = getattr(publication, "link", None) if publication.pk else None
    link = addresses.link_url(known.code if known else PREVIEW_CODE)
    try:
        found = compose(publication, adapter_of(connection), link=link, pictures=pictures)
    except DoesNotFit as error:
        raise CannotPreview(str(error), field="wording") from None
    return replace(found, warnings=(*found.warnings, *_repeats(publication, found, link)))


def _repeats(publication: Publication, payload: Payload, link: str) -> list[str]:
    before = _last_like_it(publication, fingerprint(payload.text, link))
    if before is None:
        return []
    when = f"{before.astimezone(ZoneInfo('Europe/London')):%-d %B %Y}"
    return [f"This text went out there already, on {when}. Word it anew, so that nobody skips it."]


def _last_like_it(publication: Publication, text: str) -> datetime | None:
    """When the channel last got this text. What a person posted has no attempt, so there the wording is compared."""
    others = Publication.objects.filter(channel_id=publication.channel_id, state__in=WENT_OUT)
    others = others.exclude(pk=publication.pk)
    attempts = Attempt.objects.filter(fingerprint=text, publication__in=others).exclude(
        outcome=Attempt.Outcome.NOT_SENT
    )
    if attempt := attempts.order_by("-id").first():
        return attempt.started_at
    said = {"wording": publication.wording}
    if not publication.wording.strip():
        said |= {"content__title": publication.content.title, "content__summary": publication.content.summary}
    by_hand = others.filter(reason_code="by_hand", **said).order_by("-sent_at").first()
    return by_hand.sent_at if by_hand else None
