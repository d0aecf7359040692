"""From a publication to what its channel is given: the draft, with the tracked link."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from django.db.models import Max, Prefetch, prefetch_related_objects

from campaigns.hiring import links
from campaigns.planning import organisation_clock
from campaigns.planning.models import Content, ContentState, Publication, PublicationPicture, SentPost
from campaigns.website import addresses, page_document
from campaigns.website.page_document import PageDocument
from media import fitting
from media import models as media
from scheduler.channels.contract import Abilities, Adapter, DoesNotFit, Draft, Payload, Picture, PictureLimits
from scheduler.channels.own_site.adapter import OwnSiteAdapter
from scheduler.connections.models import Connection
from scheduler.connections.services import adapter_of, find_adapter
from scheduler.errors import CannotPreview, NotConnected, SchedulerError
from scheduler.posts import own_addresses

PREVIEW_CODE = "preview1"
"""Stands for the tracked link, at its length, before the publication has one."""
PLACED = Prefetch("placed_pictures", PublicationPicture.objects.select_related("picture").order_by("position"))


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
    publication: Publication,
    pictures: Sequence[media.Picture],
    *,
    link: str,
    abilities: Abilities,
    house: bool = False,
    known: dict[int, PageDocument] | None = None,
) -> Draft:
    """`known` keeps the documents of contents, so that several drafts of one content are told once."""
    content = publication.content
    document: PageDocument | None = None
    if abilities.carries_document:
        known = {} if known is None else known
        if content.pk not in known:
            known[content.pk] = page_document.build_page_document(content.specific)
        document = known[content.pk]
    approved = content.state == ContentState.APPROVED
    hashtags = content.approved_hashtags if approved else content.campaign.hashtags if content.campaign else []
    text = publication.wording.strip() or ("" if house else default_wording(content))
    return Draft(
        title=content.title,
        text=text if house or not link else own_addresses.put_link(text, link, own_addresses.own_addresses(content)),
        link=link,
        hashtags=tuple(hashtags),
        document=document,
        pictures=_fitted(pictures, abilities.pictures) if abilities.pictures else (),
    )


def pictures_of(publication: Publication) -> list[media.Picture]:
    """The publication's own pictures, or else its content's."""
    placed = []
    if publication.pk is not None and getattr(publication, "has_pictures", True):
        prefetch_related_objects([publication], PLACED)
        placed = [row.picture for row in publication.placed_pictures.all()]
    return placed or ([publication.content.picture] if publication.content.picture else [])


def _fitted(pictures: Sequence[media.Picture], limits: PictureLimits) -> tuple[Picture, ...]:
    found = []
    for picture in pictures:
        try:
            fitted = fitting.fit_picture(picture, bytes_at_most=limits.bytes, side_at_most=limits.side)
        except (OSError, ValueError) as error:
            raise CannotPreview("The picture cannot be read. Choose another.", field="picture_ids") from error
        found.append(
            Picture(
                data=fitted.data,
                media_type=fitted.media_type,
                alt_text=picture.alt_text,
                width=fitted.width,
                height=fitted.height,
                id=picture.pk,
            )
        )
    return tuple(found)


def compose(
    publication: Publication,
    adapter: Adapter,
    *,
    link: str,
    pictures: Sequence[media.Picture] = (),
    known: dict[int, PageDocument] | None = None,
) -> Payload:
    """With these pictures, or the publication's own, or else its content's. Raises DoesNotFit, and CannotPreview for a
    picture that cannot be read."""
    chosen = pictures or pictures_of(publication)
    house = isinstance(adapter, OwnSiteAdapter)
    draft = draft_of(publication, chosen, link=link, abilities=adapter.abilities, house=house, known=known)
    return adapter.compose(draft)


def preview(publication: Publication, *, pictures: Sequence[media.Picture] = ()) -> Payload:
    """What will go out, as it stands now, saved or not. Changes nothing. Raises NotConnected and CannotPreview."""
    [found] = previews([(publication, pictures)])
    if isinstance(found, SchedulerError):
        raise found
    return found


def previews(
    wanted: Sequence[tuple[Publication, Sequence[media.Picture]]], *, connections: dict[int, Connection] | None = None
) -> list[Payload | NotConnected | CannotPreview]:
    """The same for several, each with these pictures or its own, in as many queries as for one. Where one has no
    preview, why not stands in its place. `connections`, by channel, are read where they are not given."""
    return _with_repeats([publication for publication, _ in wanted], payloads(wanted, connections=connections))


def payloads(
    wanted: Sequence[tuple[Publication, Sequence[media.Picture]]], *, connections: dict[int, Connection] | None = None
) -> list[Payload | NotConnected | CannotPreview]:
    """As previews, without a look at what went out before."""
    prefetch_related_objects([publication for publication, _ in wanted if publication.pk], PLACED)
    if connections is None:
        channels = {publication.channel_id for publication, _ in wanted}
        connections = {row.channel_id: row for row in Connection.objects.filter(channel_id__in=channels)}
    known: dict[int, PageDocument] = {}
    return [
        _preview(publication, pictures, connections.get(publication.channel_id), known)
        for publication, pictures in wanted
    ]


def prices(publications: Sequence[Publication], *, connections: Mapping[int, Connection]) -> list[int]:
    """What each costs as it is worded now, in thousandths of a US dollar; 0 for what would not go out. Without a look
    at pictures, for which no channel charges: reading them costs more than all the rest."""
    adapters: dict[int, Adapter | None] = {}
    known: dict[int, PageDocument] = {}
    found = []
    for publication in publications:
        if publication.channel_id not in adapters:
            adapters[publication.channel_id] = find_adapter(connections.get(publication.channel_id))
        adapter = adapters[publication.channel_id]
        found.append(_price(publication, adapter, known) if adapter else 0)
    return found


def compose_text(
    publication: Publication, adapter: Adapter, *, link: str, known: dict[int, PageDocument] | None = None
) -> Payload:
    """As compose, without a look at pictures. Raises DoesNotFit."""
    house = isinstance(adapter, OwnSiteAdapter)
    draft = draft_of(publication, (), link=link, abilities=adapter.abilities, house=house, known=known)
    return adapter.compose(draft)


def _price(publication: Publication, adapter: Adapter, known: dict[int, PageDocument]) -> int:
    try:
        return compose_text(publication, adapter, link=_link_shown(publication), known=known).price
    except DoesNotFit:
        return 0


def _preview(
    publication: Publication,
    pictures: Sequence[media.Picture],
    connection: Connection | None,
    known: dict[int, PageDocument],
) -> Payload | NotConnected | CannotPreview:
    if connection is None:
        return NotConnected(
            f"{publication.channel.name} is not connected, so there is no preview. Post it yourself and mark "
            "it as published, or connect the channel."
        )
    try:
        adapter = adapter_of(connection)
        return compose(publication, adapter, link=_link_shown(publication), pictures=pictures, known=known)
    except (NotConnected, CannotPreview) as error:
        return error
    except DoesNotFit as error:
        return CannotPreview(str(error), field="wording")


def _link_shown(publication: Publication) -> str:
    known = getattr(publication, "link", None) if publication.pk else None
    return addresses.link_url(known.code if known else PREVIEW_CODE)


def _with_repeats(
    publications: list[Publication], found: list[Payload | NotConnected | CannotPreview]
) -> list[Payload | NotConnected | CannotPreview]:
    """Warn of what went out on the same channel already."""
    prints = {
        number: fingerprint(payload.text, _link_shown(publications[number]))
        for number, payload in enumerate(found)
        if isinstance(payload, Payload)
    }
    if not prints:
        return found
    last = _last_like_them({number: (publications[number], text) for number, text in prints.items()})
    for number, text in prints.items():
        payload, at = found[number], last.get((publications[number].channel_id, text))
        if at is not None and isinstance(payload, Payload):
            when = organisation_clock.format_day(organisation_clock.day_of(at))
            warning = f"This text was already posted there on {when}. Change the wording so people do not skip it."
            found[number] = replace(payload, warnings=(*payload.warnings, warning))
    return found


def _last_like_them(drafted: dict[int, tuple[Publication, str]]) -> dict[tuple[int, str], datetime]:
    """When each channel last got each text, by channel and fingerprint, in one query."""
    sent = SentPost.objects.filter(
        fingerprint__in={text for _, text in drafted.values()},
        publication__channel_id__in={row.channel_id for row, _ in drafted.values()},
    ).exclude(publication_id__in=[row.pk for row, _ in drafted.values() if row.pk])
    times = sent.values_list("publication__channel_id", "fingerprint").annotate(last=Max("at"))
    return {(channel_id, text): last for channel_id, text, last in times}
