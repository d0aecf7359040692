"""How a channel stands and what its kind can do, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import localtime

from campaigns.planning import organisation_clock as clocks
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
        return ChannelStatus("hand", "Not connected: you publish here yourself")
    adapter = connections.find_adapter_class(connection)
    if adapter is None:
        return ChannelStatus("unplug", "Promenade no longer supports this service", "urgent")
    if adapter.abilities.manual:
        return ChannelStatus("hand", "You post here yourself, with everything ready")
    if connection.status == Connection.Status.NEEDS_SIGN_IN:
        return ChannelStatus("key-round", "Sign in again", "urgent")
    return _ending(connection, now) or _resting(connection, now) or _checked(connection)


def _ending(connection: Connection, now: datetime) -> ChannelStatus | None:
    days = days_left(connection, now)
    if days is None or not ends_soon(connection, now):
        return None
    if connection.expires_at is not None and connection.expires_at <= now:
        return ChannelStatus("key-round", "Access has expired", "urgent")
    words = {0: "Access expires today", 1: "Access expires in 1 day"}.get(days, f"Access expires in {days} days")
    return ChannelStatus("hourglass", words, "warn")


def _resting(connection: Connection, now: datetime) -> ChannelStatus | None:
    if connection.paused_until is None or connection.paused_until <= now:
        return None
    return ChannelStatus("circle-pause", f"Waiting until {clock(connection.paused_until, now)}", "warn")


def _checked(connection: Connection) -> ChannelStatus:
    if connection.status == Connection.Status.HEALTHY:
        return ChannelStatus("circle-check", "Working", "good")
    return ChannelStatus("circle-dashed", "Not checked yet")


def clock(at: datetime, now: datetime) -> str:
    local = localtime(at)
    same_day = local.date() == localtime(now).date()
    return f"{local:%H:%M}" if same_day else clocks.format_short_moment(at, local.tzinfo)


def pace(connection: Connection, limits: dict[str, Any], now: datetime) -> list[str]:
    """How the engine treats it at this moment, a sentence each."""
    found = [_under_way(limits["in_flight"], limits["waiting"])]
    if connection.rate_per_minute is None:
        found.append("As fast as the channel allows.")
    else:
        at_once = f", up to {connection.burst} at once after a gap" if connection.burst > 1 else ""
        found.append(f"Publishes up to {connection.rate_per_minute} a minute{at_once}.")
    if limits["paused_until"]:
        until = clock(limits["paused_until"], now)
        found.append(f"We do not send anything before {until}, then we try one post. {limits['pause_reason']}".strip())
    elif limits["failures"] >= BREAKS_AFTER:
        found.append(
            f"The last {limits['failures']} attempts got no reply we could use. We are trying one post at a time."
        )
    elif limits["failures"]:
        times = "attempt got" if limits["failures"] == 1 else f"{limits['failures']} attempts got"
        found.append(
            f"The last {times} no reply we could use. After {BREAKS_AFTER} in a row we wait before trying again."
        )
    return found


def _under_way(in_flight: int, waiting: int) -> str:
    if not in_flight and not waiting:
        return "Nothing is being published right now."
    shown = "1,000 or more" if waiting >= 1000 else str(waiting)
    return f"{in_flight or 'None'} being published right now, {shown} due."


def abilities(can: Abilities) -> list[str]:
    """What the kind takes and can do, a sentence each."""
    text, pictures = can.text, can.pictures
    return [
        f"A post can have up to {text.maximum:,} {text.unit}." if text else "No character limit.",
        f"Up to {pictures.maximum} picture{'' if pictures.maximum == 1 else 's'}." if pictures else "No pictures.",
        _lost_answer(can),
        "Withdrawing content takes down its posts." if can.deletes else "You take down withdrawn posts there yourself.",
        *(["Access is renewed automatically."] if can.refreshes else []),
        *(["Each post has a cost."] if can.charges else []),
    ]


def _lost_answer(can: Abilities) -> str:
    if can.manual:
        return "You post there yourself. The text, pictures and link are ready to copy."
    if can.reads_back:
        return "If the channel does not reply, we check before retrying."
    if can.idempotent:
        return "If the channel does not reply, we send again: it accepts the same post only once."
    return "If the channel does not reply, you need to check it yourself."
