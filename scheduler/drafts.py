"""From a publication to what its channel is given: the draft, with the tracked link."""

from __future__ import annotations

from campaigns.bulletins import addresses, documents
from campaigns.hiring import links
from campaigns.planning.models import Content, ContentState, Publication
from media import fitting
from scheduler.channels.contract import Abilities, Adapter, DoesNotFit, Draft, Payload, Picture, PictureLimits
from scheduler.channels.house import HouseAdapter
from scheduler.connections import adapter_of
from scheduler.errors import CannotPreview, NotConnected
from scheduler.models import Connection

PREVIEW_CODE = "preview1"
"""Stands for the tracked link, at its length, before the publication has one."""


def default_wording(content: Content) -> str:
    return f"{content.title}\n\n{content.summary}".strip()


def link_of(publication: Publication) -> str:
    """The publication's tracked link; made on first call, the same ever after."""
    link = links.link_for_publication(publication=publication, page_url=addresses.page_of(publication.content))
    return addresses.link_url(link.code)


def draft_of(publication: Publication, *, link: str, abilities: Abilities, house: bool = False) -> Draft:
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
        pictures=_pictures(publication, abilities.pictures) if abilities.pictures else (),
    )


def _pictures(publication: Publication, limits: PictureLimits) -> tuple[Picture, ...]:
    """The publication's own, or else its content's, made to fit."""
    own = [row.picture for row in publication.placed_pictures.select_related("picture")]
    content_s = publication.content.picture
    chosen = own or ([content_s] if content_s else [])
    found = []
    for picture in chosen:
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


def compose(publication: Publication, adapter: Adapter, *, link: str) -> Payload:
    """Raises DoesNotFit."""
    house = isinstance(adapter, HouseAdapter)
    return adapter.compose(draft_of(publication, link=link, abilities=adapter.abilities, house=house))


def preview(publication: Publication) -> Payload:
    """What will go out, as it stands now. Changes nothing. Raises NotConnected and CannotPreview."""
    connection = Connection.objects.filter(channel_id=publication.channel_id).first()
    if connection is None:
        raise NotConnected(
            f"{publication.channel.name} is not connected, so there is no preview. Publish it by hand and mark it as "
            "published, or connect the channel."
        )
    known = getattr(publication, "link", None)
    link = addresses.link_url(known.code if known else PREVIEW_CODE)
    try:
        return compose(publication, adapter_of(connection), link=link)
    except DoesNotFit as error:
        raise CannotPreview(str(error), field="wording") from None
