"""What somebody typed on the page Compose: read from the composition or from the form, saved, and compared."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils import timezone

from campaigns.planning import differences, organisation_clock
from campaigns.planning.differences import Change, Part
from campaigns.planning.errors import InvalidPlan
from campaigns.planning.models import Channel, Composition, Content, LateRule, ScheduleMode
from campaigns.planning.services import compositions
from campaigns.planning.services.compositions import ChannelText, CommonText
from media.models import Picture

MINUTES_AT_MOST = 60 * 24 * 30


@dataclass
class ComposeData:
    """The page's values, as they stand in its fields."""

    title: str
    summary: str
    version: int
    seen: str
    """Digest of the common text as it was when it was opened."""
    channel_ids: list[int] = field(default_factory=list)
    wordings: dict[int, str] = field(default_factory=dict)
    picture_ids: dict[int, list[int]] = field(default_factory=dict)
    when: str = ScheduleMode.TIMES
    times: list[str] = field(default_factory=list)
    zone: str = ""
    late_rule: str = LateRule.PUBLISH
    late_after: str = "60"
    text_too: bool = False
    """Save a changed common text although it is approved, which sends it back for approval."""

    @property
    def unused_texts(self) -> dict[int, str]:
        """Own texts of channels that are not chosen any more."""
        return {pk: text for pk, text in self.wordings.items() if text.strip() and pk not in self.channel_ids}


def from_rows(content: Content, composition: Composition, chosen: Sequence[ChannelText]) -> ComposeData:
    """What is stored now, with its times on the reader's own clock."""
    zone = timezone.get_current_timezone_name()
    aside = {int(pk): wording for pk, wording in composition.unused_texts.items()}
    return ComposeData(
        title=content.title,
        summary=content.summary,
        version=composition.version,
        seen=compositions.text_digest(content),
        channel_ids=[each.channel.pk for each in chosen],
        wordings=aside | {each.channel.pk: each.wording for each in chosen},
        picture_ids={each.channel.pk: [picture.pk for picture in each.pictures] for each in chosen},
        when=composition.when,
        times=[_on_clock(zone, at, kept_on=composition.zone) for at in composition.times],
        zone=zone,
        late_rule=composition.late_rule,
        late_after=str(composition.late_after_minutes),
    )


def _on_clock(zone: str, wall: str, *, kept_on: str) -> str:
    """A time as the clock of another place shows it; as it was kept where that is the same place."""
    if zone == kept_on:
        return wall
    at = organisation_clock.to_utc_moved_on(datetime.fromisoformat(wall), organisation_clock.find_zone(kept_on))
    return at.astimezone(organisation_clock.find_zone(zone)).replace(tzinfo=None).isoformat(timespec="minutes")


def from_post(form: QueryDict) -> ComposeData:
    """What the browser sends. With `over` it names the other version, which it means to replace."""
    version, _, seen = form.get("over", f"{form.get('version', '')}:{form.get('seen', '')}").partition(":")
    typed = ComposeData(
        title=form.get("title", ""),
        summary=form.get("summary", "").replace("\r\n", "\n"),
        version=_number(version) or 0,
        seen=seen,
        channel_ids=list(_numbers(form.getlist("channels"))),
        when=form.get("when", ScheduleMode.TIMES),
        times=[value for value in form.getlist("times") if value.strip()],
        zone=form.get("zone", ""),
        late_rule=form.get("late_rule", LateRule.PUBLISH),
        late_after=form.get("late_after", "60"),
        text_too="text_too" in form,
    )
    for name in form:
        kind, _, channel = name.partition("-")
        pk = _number(channel)
        if kind == "wording" and pk:
            typed.wordings[pk] = form.get(name, "").replace("\r\n", "\n")
        elif kind == "pictures" and pk:
            typed.picture_ids[pk] = list(_numbers(form.getlist(name)))
    return typed


def _number(text: str) -> int | None:
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def _numbers(texts: Iterable[str]) -> Iterable[int]:
    return (found for found in map(_number, texts) if found is not None)


def save(content: Content, typed: ComposeData, *, by: Any, strict: bool = False) -> Composition:
    """Keep it all, see compositions.save_composition; `strict`: all or nothing."""
    return compositions.save_composition(
        content=content,
        version=typed.version,
        chosen=_chosen(typed),
        when=typed.when,
        times=[_time(text) for text in typed.times],
        zone=typed.zone or timezone.get_current_timezone_name(),
        unused_texts=typed.unused_texts,
        late_rule=typed.late_rule,
        late_after_minutes=_minutes(typed.late_after),
        text=text_of(typed, strict=strict),
        by=by,
    )


def text_of(typed: ComposeData, *, strict: bool = False) -> CommonText:
    return CommonText(typed.title, typed.summary, typed.seen, again=typed.text_too, strict=strict)


def pictures_of(typed: ComposeData) -> dict[int, list[Picture]]:
    """The pictures that were chosen, by channel, in one query."""
    wanted = {pk for ids in typed.picture_ids.values() for pk in ids}
    known = Picture.objects.in_bulk(wanted) if wanted else {}
    return {channel: [known[pk] for pk in ids if pk in known] for channel, ids in typed.picture_ids.items()}


def _chosen(typed: ComposeData) -> list[ChannelText]:
    channels, pictures = Channel.objects.in_bulk(typed.channel_ids), pictures_of(typed)
    return [
        ChannelText(channels[pk], typed.wordings.get(pk, ""), pictures.get(pk, []))
        for pk in dict.fromkeys(typed.channel_ids)
        if pk in channels
    ]


def _time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise InvalidPlan("Enter a date and time, for example 3 November 2026, 09:30.", field="times") from None


def _minutes(text: str) -> int:
    found = _number(text.strip())
    if found is None or found > MINUTES_AT_MOST:
        raise InvalidPlan(f"Enter a number of minutes from 0 to {MINUTES_AT_MOST}.", field="late_after")
    return found


def compared(theirs: ComposeData, mine: ComposeData, names: dict[int, str]) -> list[Change]:
    """What another version says where mine says something else, word by word."""
    return differences.compare_parts(_parts(theirs, names), _parts(mine, names))


def _parts(typed: ComposeData, names: dict[int, str]) -> list[Part]:
    when = (
        "Next free slots"
        if typed.when == ScheduleMode.SLOT
        else ", ".join(each.replace("T", " ") for each in typed.times)
    )
    parts = [Part("title", "Title", typed.title), Part("summary", "Summary", typed.summary), Part("when", "When", when)]
    chosen = [pk for pk in sorted(typed.channel_ids) if pk in names]
    parts.append(Part("channels", "Channels", ", ".join(names[pk] for pk in chosen)))
    return parts + [Part(f"wording-{pk}", f"Text for {names[pk]}", typed.wordings.get(pk, "")) for pk in chosen]
