"""How a channel stands and what its kind can do, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime

from campaigns.planning import clock as clocks
from campaigns.planning.models import Channel
from scheduler.channels.contract import Abilities
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.connections.renewal import days_left, ends_soon
from scheduler.engine.rate_limit import BREAKS_AFTER


@dataclass(frozen=True)
class ChannelStatus:
    """Icon, words, and whether it needs a person (`urgent`), care (`warn`), is well (`good`) or neither."""

    icon: str
    words: str
    tone: str = ""


def connection_of(channel: Channel) -> Connection | None:
    found: Connection | None = getattr(channel, "connection", None)
    return found


def status_of(channel: Channel, now: datetime) -> ChannelStatus:
    connection = connection_of(channel)
    if not channel.active:
        return ChannelStatus("archive", "No longer used")
    if connection is None:
        return ChannelStatus("hand", "Not connected – published by hand")
    adapter = connections.find_adapter_class(connection)
    if adapter is None:
        return ChannelStatus("unplug", "Its kind is not part of this installation any more", "urgent")
    if adapter.abilities.by_hand:
        return ChannelStatus("hand", "Posted by hand, with everything ready")
    if connection.status == Connection.Status.NEEDS_SIGN_IN:
        return ChannelStatus("key-round", "Needs a new sign-in", "urgent")
    return _ending(connection, now) or _resting(connection, now) or _checked(connection)


def _ending(connection: Connection, now: datetime) -> ChannelStatus | None:
    days = days_left(connection, now)
    if days is None or not ends_soon(connection, now):
        return None
    if connection.expires_at is not None and connection.expires_at <= now:
        return ChannelStatus("key-round", "Its sign-in has ended", "urgent")
    words = {0: "Its sign-in ends today", 1: "Its sign-in ends in 1 day"}.get(days, f"Its sign-in ends in {days} days")
    return ChannelStatus("hourglass", words, "warn")


def _resting(connection: Connection, now: datetime) -> ChannelStatus | None:
    if connection.paused_until is None or connection.paused_until <= now:
        return None
    return ChannelStatus("circle-pause", f"Left alone until {clock(connection.paused_until, now)}", "warn")


def _checked(connection: Connection) -> ChannelStatus:
    if connection.status == Connection.Status.HEALTHY:
        return ChannelStatus("circle-check", "Healthy", "good")
    return ChannelStatus("circle-dashed", "Not checked yet")


def clock(at: datetime, now: datetime) -> str:
    local = localtime(at)
    same_day = local.date() == localtime(now).date()
    return f"{local:%H:%M}" if same_day else clocks.format_short_moment(at, local.tzinfo)


def pace(connection: Connection, flow: dict[str, Any], now: datetime) -> list[str]:
    """How the engine treats it at this moment, a sentence each."""
    found = [_under_way(flow["in_flight"], flow["waiting"])]
    if connection.rate_per_minute is None:
        found.append("It goes as fast as the channel lets us.")
    else:
        at_once = f", {connection.burst} of them at once after a quiet time" if connection.burst > 1 else ""
        found.append(f"At most {connection.rate_per_minute} a minute go out{at_once}.")
    if flow["paused_until"]:
        until = clock(flow["paused_until"], now)
        found.append(f"Nothing is sent before {until}, then one is tried. {flow['pause_reason']}".strip())
    elif flow["failures"] >= BREAKS_AFTER:
        found.append(f"The last {flow['failures']} sends got no usable answer. One at a time is tried.")
    elif flow["failures"]:
        times = "send got" if flow["failures"] == 1 else f"{flow['failures']} sends got"
        found.append(f"The last {times} no usable answer; after {BREAKS_AFTER} in a row the channel is left alone.")
    return found


def _under_way(in_flight: int, waiting: int) -> str:
    if not in_flight and not waiting:
        return "Nothing is going out this moment."
    shown = "1,000 or more" if waiting >= 1000 else str(waiting)
    return f"{in_flight or 'None'} going out this moment, {shown} due and waiting."


def abilities(can: Abilities) -> list[str]:
    """What the kind takes and can do, a sentence each."""
    text, pictures = can.text, can.pictures
    return [
        f"A post has at most {text.most:,} {text.unit}."
        if text
        else "Its texts have no limit that is known beforehand.",
        f"Up to {pictures.most} picture{'' if pictures.most == 1 else 's'} go along."
        if pictures
        else "No pictures go along.",
        _lost_answer(can),
        "Withdrawing content takes its posts down." if can.deletes else "What is withdrawn, a person takes down there.",
        *(["Sign-ins are renewed before they end."] if can.refreshes else []),
        *(["Each post costs money."] if can.charges else []),
    ]


def _lost_answer(can: Abilities) -> str:
    if can.by_hand:
        return "A person posts there; the text, pictures and link are made ready."
    if can.reads_back:
        return "When an answer is lost, we look there and send nothing twice."
    if can.idempotent:
        return "When an answer is lost, it is sent again: the channel takes the same post only once."
    return "When an answer is lost, a person has to look there."
