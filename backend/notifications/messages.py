"""What a message says: one thing in full, or several in a list. Titles, places and pages alone: nothing of a candidate
stands in any of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse

from backend.notifications.attention.item import AttentionItem
from backend.notifications.causes import Cause
from backend.notifications.models import Destination, Message

LINES = 20
"""Things that one message names; of the rest it says how many there are."""
SUBJECT = 150


def compose_news(destination: Destination, items: Sequence[AttentionItem]) -> Message:
    """What has just come up. Not yet saved."""
    return Message(destination=destination, subject=_subject(items), body=_lines(items))


def compose_summary(destination: Destination, items: Sequence[AttentionItem]) -> Message:
    """What stands, once a day."""
    things = "1 thing needs" if len(items) == 1 else f"{len(items)} things need"
    return Message(destination=destination, subject=f"Your daily summary: {things} attention", body=_lines(items))


def compose_test(destination: Destination) -> Message:
    line = {
        "title": "This is a test",
        "reason": "If you can read this, notifications arrive here.",
        "url": settings.BASE_URL + reverse("console:destination", args=[destination.pk]),
        "label": "Change what you are told",
    }
    return Message(destination=destination, subject="Test notification from Promenade", body=[line])


def _subject(items: Sequence[AttentionItem]) -> str:
    first = items[0]
    if len(items) == 1:
        said = Cause(first.cause).label
        return f"{said}: {first.title}"[:SUBJECT] if first.title not in said else said
    urgent = sum(item.urgent for item in items)
    return f"{len(items)} things need attention" + (f", {urgent} of them now" if urgent else "")


def _lines(items: Sequence[AttentionItem]) -> list[dict[str, Any]]:
    lines = [_line(item) for item in items[:LINES]]
    if len(items) > LINES:
        lines.append(
            {
                "title": f"And {len(items) - LINES} more",
                "reason": "",
                "url": settings.BASE_URL + reverse("console:attention"),
                "label": "See everything",
            }
        )
    return lines


def _line(item: AttentionItem) -> dict[str, Any]:
    what = Cause(item.cause).label
    return {
        "title": item.title if item.title in what else f"{what}: {item.title}",
        "reason": f"{item.reason}" if item.where in (item.title, "") else f"{item.where}. {item.reason}",
        "url": settings.BASE_URL + item.address,
        "label": item.label,
    }
