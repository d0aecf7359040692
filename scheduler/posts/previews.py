"""What is composed, as each of its channels will show it; and its way into the schedule, which only what fits takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model

from campaigns.planning.models import Channel, Content, Publication
from campaigns.planning.services import compositions
from campaigns.planning.services.compositions import ChannelText
from campaigns.website import items
from campaigns.website.models import Item
from media.models import Picture
from scheduler.channels.contract import Payload, TextLimit
from scheduler.channels.own_site.adapter import PagePayload
from scheduler.connections.models import Connection
from scheduler.connections.services import find_adapter_class
from scheduler.errors import CannotPreview
from scheduler.posts import drafts, own_site


@dataclass(frozen=True)
class ChannelPreview:
    """A text on a channel as it will look there; or why there is none to look at, and `fits` says whether that is
    because it does not fit."""

    channel: Channel
    kind: str
    """The adapter; empty where the channel is not connected."""
    account: str
    own_text: bool
    payload: Payload | None
    trouble: str
    fits: bool
    limit: TextLimit | None
    pictures: Sequence[Picture]
    publication: Publication

    @property
    def own_page(self) -> bool:
        """Whether it will stand on one of the house's own surfaces, as a page."""
        return isinstance(self.payload, PagePayload)

    def page(self, *, at: datetime) -> Item | None:
        """What publishing at this moment would put up there; it is not saved. None for every other channel."""
        if not isinstance(self.payload, PagePayload):
            return None
        document = own_site.page_document(self.payload.document)
        return items.build_item(document, at=at, surface=self.kind, apply_link=self.payload.link)


def preview_content(
    content: Content, chosen: Sequence[ChannelText], *, connections: dict[int, Connection] | None = None
) -> list[ChannelPreview]:
    """What is composed, as it will look. Changes nothing; as many queries for twenty channels as for one.
    `connections`, by channel, are read where they are not given."""
    drafted = [
        (Publication(content=content, channel=each.channel, wording=each.wording), each.pictures) for each in chosen
    ]
    return _shown(drafted, connections)


def preview_publications(publications: Sequence[Publication]) -> list[ChannelPreview]:
    """The same for what stands in the schedule; read with `with_content`."""
    return _shown([(publication, ()) for publication in publications], None)


def _shown(
    drafted: Sequence[tuple[Publication, Sequence[Picture]]], connections: dict[int, Connection] | None
) -> list[ChannelPreview]:
    if connections is None:
        channels = {publication.channel_id for publication, _ in drafted}
        connections = {row.channel_id: row for row in Connection.objects.filter(channel_id__in=channels)}
    found = drafts.previews(drafted, connections=connections)
    return [
        _one(publication, pictures, connections.get(publication.channel_id), payload)
        for (publication, pictures), payload in zip(drafted, found, strict=True)
    ]


def _one(
    publication: Publication, pictures: Sequence[Picture], connection: Connection | None, found: Any
) -> ChannelPreview:
    adapter = find_adapter_class(connection)
    chosen = list(pictures) or drafts.pictures_of(publication)
    return ChannelPreview(
        channel=publication.channel,
        kind=connection.kind if connection else "",
        account=connection.account if connection else "",
        own_text=bool(publication.wording.strip()),
        payload=found if isinstance(found, Payload) else None,
        trouble="" if isinstance(found, Payload) else str(found),
        fits=not isinstance(found, CannotPreview),
        limit=adapter.abilities.text if adapter else None,
        pictures=chosen,
        publication=publication,
    )


@transaction.atomic
def schedule_composition(
    *, content: Content, version: int, submit: bool = False, comment: str = "", by: Model
) -> list[Publication]:
    """Schedule what is composed; see compositions.schedule_composition. Raises CannotPreview, naming the channel,
    where a text does not fit: it would only be held when its time comes."""
    composition = compositions.composition_of(content)
    for each in preview_content(content, compositions.channel_texts(composition)):
        if not each.fits:
            raise CannotPreview(f"{each.channel.name}: {each.trouble}", field="channels")
    return compositions.schedule_composition(content=content, version=version, submit=submit, comment=comment, by=by)
