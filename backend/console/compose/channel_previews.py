"""The channels that Compose offers, each with what is typed for it and how that will look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.db.models import Q, Value
from django.utils import timezone

from backend.console.compose.compose_data import ComposeData
from campaigns.planning.models import Audience, Channel, Content, ScheduleMode
from campaigns.planning.services.timing import slots
from media.models import Picture
from scheduler.channels.contract import TextLimit
from scheduler.connections.models import Connection
from scheduler.connections.services import find_adapter_class
from scheduler.posts import spending
from scheduler.posts.previews import ChannelPreview

SHOWN = 60


@dataclass(frozen=True)
class ChannelDraft:
    """One channel that can be chosen, with what is typed for it."""

    channel: Channel
    connection: Connection | None
    chosen: bool
    wording: str
    pictures: list[Picture]
    """Chosen, then those that are offered."""
    picture_ids: list[int]
    shown: ChannelPreview | None
    free_slot: datetime | None

    @property
    def spent(self) -> int:
        """By this channel this month, in thousandths of a US dollar."""
        return int(getattr(self.channel, "spent", 0))

    @property
    def cap(self) -> int | None:
        return self.connection.monthly_cap if self.connection else None

    @property
    def limit(self) -> TextLimit | None:
        adapter = find_adapter_class(self.connection)
        return adapter.abilities.text if adapter else None


def offered(content: Content, typed: ComposeData, *, named: str) -> tuple[list[Channel], bool]:
    """By name those that may carry it, and those that were chosen although they may not any more; and whether there are
    others. Where there are too many for a page, it has first those that have a text or are chosen, those with this in
    their name, and those that are connected."""
    usable = Q(active=True)
    if content.audience == Audience.STAFF:
        usable &= Q(audience=Audience.STAFF)
    rows = Channel.objects.filter(usable | Q(pk__in=typed.channel_ids)).select_related("connection")
    first = models.Case(
        models.When(pk__in=[*typed.channel_ids, *typed.unused_texts], then=Value(0)),
        models.When(Q(name__icontains=named) if named else Q(pk__in=[]), then=Value(1)),
        models.When(connection__isnull=False, then=Value(2)),
        default=Value(3),
    )
    found = list(spending.with_spent(rows, timezone.now()).order_by(first, "name", "pk")[: SHOWN + 1])
    return sorted(found[:SHOWN], key=lambda row: (row.name, row.pk)), len(found) > SHOWN


@dataclass(frozen=True)
class Library:
    """The newest pictures, for one channel to choose from."""

    to: str
    pictures: list[Picture]


def channel_drafts(
    channels: list[Channel],
    typed: ComposeData,
    shown: list[ChannelPreview],
    pictures: dict[int, list[Picture]],
    library: Library,
) -> list[ChannelDraft]:
    by_channel = {each.channel.pk: each for each in shown}
    wanted = [row for row in channels if row.pk in typed.channel_ids and typed.when == ScheduleMode.SLOT]
    free = slots.next_free_slots(channels=wanted, after=timezone.now()) if wanted else {}
    found = []
    for row in channels:
        slot = free.get(row.pk)
        own = pictures.get(row.pk, [])
        newest = [each for each in library.pictures if str(row.pk) == library.to and each not in own]
        found.append(
            ChannelDraft(
                channel=row,
                connection=getattr(row, "connection", None),
                chosen=row.pk in typed.channel_ids,
                wording=typed.wordings.get(row.pk, ""),
                pictures=[*own, *newest],
                picture_ids=[each.pk for each in own],
                shown=by_channel.get(row.pk),
                free_slot=slot[0] if slot else None,
            )
        )
    return found
