"""What is composed for a content before it is scheduled, kept as it is typed, and the way from there to the
schedule."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from campaigns.planning import organisation_clock, signals, validation
from campaigns.planning.errors import ChangedMeanwhile, InvalidPlan, PlanningError
from campaigns.planning.models import (
    Channel,
    ComposedChannel,
    Composition,
    Content,
    ContentState,
    LateRule,
    Publication,
    ScheduleMode,
)
from campaigns.planning.services import content as contents
from campaigns.planning.services import publications
from campaigns.planning.services.timing import slots
from media import uses
from media.models import Picture

TEXT_KEPT_BACK = (
    "This is approved, so your change to the title or summary has not been saved. Save it and ask for "
    "approval again, or restore the approved text."
)
CHANNELS_AT_MOST = 20
TIMES_AT_MOST = 12
BEFORE_REVIEW = (ContentState.DRAFT, ContentState.RETURNED)


@dataclass(frozen=True)
class ChannelText:
    """A channel with its own wording and pictures; without them it follows the common text."""

    channel: Channel
    wording: str = ""
    pictures: Sequence[Picture] = ()


@dataclass(frozen=True)
class CommonText:
    """Title and summary, as they are typed beside a composition."""

    title: str
    summary: str
    seen: str
    """The digest of what was read, see text_digest."""
    again: bool = False
    """Save a change although the text is approved, which sends it back for approval."""
    strict: bool = False
    """Where it is kept back, nothing else is saved either."""

    def differs_from(self, content: Content) -> bool:
        return (self.title, self.summary) != (content.title, content.summary)

    def is_withheld(self, content: Content) -> bool:
        """Typing alone never takes an approval away."""
        return self.differs_from(content) and content.state == ContentState.APPROVED and not self.again


@dataclass(frozen=True)
class Snapshot:
    """What is composed, as it stands at one moment, for whoever is told that it changed."""

    settings: Mapping[str, Any]
    """When, at which times, and what if it is late, by the names of the columns."""
    chosen: Sequence[ComposedChannel]


def text_digest(content: Content) -> str:
    """Names the common text as it was read, so that nobody writes over what somebody else has written since."""
    return hashlib.sha256(f"{content.title}\x00{content.summary}".encode()).hexdigest()[:32]


def composition_of(content: Content) -> Composition:
    """What is being composed; an empty one, not saved, where nobody has begun."""
    found = Composition.objects.select_related("edited_by").filter(content_id=content.pk).first()
    return found or Composition(content_id=content.pk)


def channel_texts(composition: Composition) -> list[ChannelText]:
    """The channels of a composition with their pictures, in two queries. A picture that is gone is left out."""
    return channel_texts_and_pictures(composition, newest=0)[0]


def channel_texts_and_pictures(composition: Composition, *, newest: int) -> tuple[list[ChannelText], list[Picture]]:
    """The same with so many of the newest pictures, to choose from, in as many queries."""
    rows = list(composition.chosen.select_related("channel")) if composition.pk else []
    own = {pk for row in rows for pk in row.picture_ids}
    latest = Picture.objects.order_by("-pk").values("pk")[:newest]
    wanted = Q(pk__in=own) | Q(pk__in=latest) if newest else Q(pk__in=own)
    found = list(Picture.objects.filter(wanted).order_by("-pk")) if own or newest else []
    known = {picture.pk: picture for picture in found}
    chosen = [
        ChannelText(row.channel, row.wording, tuple(known[pk] for pk in row.picture_ids if pk in known)) for row in rows
    ]
    return chosen, found[:newest]


@transaction.atomic
def save_composition(
    *,
    content: Content,
    version: int,
    chosen: Sequence[ChannelText],
    when: str = ScheduleMode.TIMES,
    times: Sequence[datetime] = (),
    zone: str | None = None,
    unused_texts: Mapping[int, str] | None = None,
    late_rule: str = LateRule.PUBLISH,
    late_after_minutes: int = 60,
    text: CommonText | None = None,
    by: models.Model | None,
) -> Composition:
    """Keep what is composed, finished or not, in place of the version that was read. The same again changes nothing.

    Times with an offset are kept as the wall clock of `zone` shows them; None is the organisation's zone.
    `unused_texts` are own texts of channels that are not chosen, kept until it is scheduled in case they are again;
    None leaves them as they are. With `text`, title and summary of the content are saved too, unless they are approved
    and nobody asked for another approval. Raises ChangedMeanwhile, with the version that is kept, where somebody saved
    another one since; InvalidPlan for what could not be stored or never be scheduled: too many channels, texts, times
    or pictures, the same channel or picture twice.
    """
    if text is not None:
        _save_text(content, text, by=by)
    kept = _locked(content, version)
    zone = zone or organisation_clock.organisation_zone_name()
    _check_chosen(chosen)
    values: dict[str, Any] = {
        "when": when,
        "times": _wall_times(times, zone),
        "zone": zone,
        "unused_texts": kept.unused_texts if unused_texts is None else _aside(unused_texts),
        "late_rule": late_rule,
        "late_after_minutes": late_after_minutes,
    }
    rows = [
        ComposedChannel(
            channel=each.channel, wording=each.wording, picture_ids=[picture.pk for picture in each.pictures]
        )
        for each in sorted(chosen, key=lambda each: each.channel.pk)
    ]
    before = Snapshot({name: getattr(kept, name) for name in values}, list(kept.chosen.select_related("channel")))
    if (before.settings, _told(before.chosen)) == (values, _told(rows)):
        return kept
    for name, value in values.items():
        setattr(kept, name, value)
    _write(kept, rows, by=by)
    after = Snapshot(values, rows)
    signals.composition_changed.send(sender=Composition, content=content, before=before, after=after, by=by)
    return kept


def _save_text(content: Content, text: CommonText, *, by: models.Model | None) -> None:
    row = Content.objects.select_for_update().get(pk=content.pk)
    if not text.differs_from(row):
        return
    if text.is_withheld(row) and text.strict:
        raise InvalidPlan(TEXT_KEPT_BACK, field="title")
    if text.seen != text_digest(row):
        raise ChangedMeanwhile(
            "Someone changed the common text while you had it open. Your text is not saved, but not lost: "
            "compare both, then keep one.",
            kept=composition_of(row),
        )
    if not text.is_withheld(row):
        contents.apply_changes(row.specific, {"title": text.title, "summary": text.summary}, by=by, autosave=True)


def _locked(content: Content, version: int) -> Composition:
    """The row, locked and in this version. Whoever begins at the same moment waits here, and then is too late."""
    Content.objects.select_for_update().get(pk=content.pk)
    kept, _ = Composition.objects.select_related("edited_by").get_or_create(content_id=content.pk)
    if kept.version != version:
        raise ChangedMeanwhile(
            "Another version was saved while yours was open. Your text is not saved, but not lost: compare "
            "both, then keep one.",
            kept=kept,
        )
    return kept


def _told(rows: Any) -> list[tuple[int, str, list[int]]]:
    return [(row.channel_id, row.wording, row.picture_ids) for row in rows]


def _write(kept: Composition, rows: list[ComposedChannel], *, by: models.Model | None) -> None:
    kept.version += 1
    kept.edited_at = timezone.now()
    kept.edited_by_id = by.pk if by else None
    validation.check(kept)
    kept.save()
    kept.chosen.all().delete()
    for row in rows:
        row.composition = kept
        validation.check(row)
    ComposedChannel.objects.bulk_create(rows)
    picture_ids = {pk for row in rows for pk in row.picture_ids}
    uses.record_uses(kind="composition", row_id=kept.pk, picture_ids=picture_ids)


def _check_chosen(chosen: Sequence[ChannelText]) -> None:
    if len(chosen) > CHANNELS_AT_MOST:
        raise InvalidPlan(f"You can choose up to {CHANNELS_AT_MOST} channels.", field="channels")
    if len({each.channel.pk for each in chosen}) < len(chosen):
        raise InvalidPlan("The same channel is included twice.", field="channels")
    for each in chosen:
        publications.check_pictures(each.pictures)


def _aside(texts: Mapping[int, str]) -> dict[str, str]:
    if len(texts) > CHANNELS_AT_MOST:
        raise InvalidPlan(f"You can keep text for up to {CHANNELS_AT_MOST} other channels.", field="unused_texts")
    for text in texts.values():
        validation.check_text(ComposedChannel._meta.get_field("wording"), text)
    return {str(pk): text for pk, text in texts.items()}


def _wall_times(times: Sequence[datetime], zone: str) -> list[str]:
    place = organisation_clock.find_zone(zone)
    if len(times) > TIMES_AT_MOST:
        raise InvalidPlan(f"You can choose up to {TIMES_AT_MOST} times.", field="times")
    walls = {at.astimezone(place).replace(tzinfo=None) if at.tzinfo else at for at in times}
    return [at.replace(second=0, microsecond=0).isoformat(timespec="minutes") for at in sorted(walls)]


@transaction.atomic
def schedule_composition(
    *, content: Content, version: int, submit: bool = False, comment: str = "", by: models.Model
) -> list[Publication]:
    """Put what is composed into the schedule, each channel at each time, and empty the composition; all of it or
    nothing. With `submit`, content that was not sent for approval yet is sent.

    Raises ChangedMeanwhile as save_composition does; InvalidPlan without a channel or a time, and for whatever
    schedule_publication and next_free_slot refuse, naming the channel.
    """
    kept = _locked(content, version)
    chosen = channel_texts(kept)
    if not chosen:
        raise InvalidPlan("Choose at least one channel.", field="channels")
    if kept.when == ScheduleMode.TIMES and not kept.times:
        raise InvalidPlan("Choose when to publish.", field="times")
    made = [publication for each in chosen for publication in _schedule(content, kept, each, by=by)]
    kept.when, kept.times, kept.unused_texts = ScheduleMode.TIMES, [], {}
    _write(kept, [], by=by)
    row = Content.objects.get(pk=content.pk)
    if submit and row.state in BEFORE_REVIEW:
        contents.submit_content(content=row, by=by, comment=comment)
    return made


def _schedule(content: Content, kept: Composition, each: ChannelText, *, by: models.Model) -> list[Publication]:
    fields: dict[str, Any] = {
        "wording": each.wording,
        "pictures": each.pictures,
        "late_rule": kept.late_rule,
        "late_after_minutes": kept.late_after_minutes,
        "by": by,
    }
    try:
        if kept.when == ScheduleMode.SLOT:
            return [slots.schedule_in_next_slot(content=content, channel=each.channel, **fields)]
        return [
            publications.schedule_publication(
                content=content, channel=each.channel, publish_at=datetime.fromisoformat(at), zone=kept.zone, **fields
            )
            for at in kept.times
        ]
    except PlanningError as refusal:
        field = "times" if refusal.field in ("publish_at", "next_free_slot") else refusal.field
        raise type(refusal)(f"{each.channel.name}: {refusal}", code=refusal.code, field=field) from None
