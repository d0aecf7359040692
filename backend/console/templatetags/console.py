"""How the console says times, states, kinds and money, and shows icons."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from lucide.templatetags.lucide import lucide

from backend.console.frame import authorization
from campaigns.planning import organisation_clock
from campaigns.planning.models import ContentKind, ContentState, PublicationState
from scheduler.engine.models import Attempt

register = template.Library()

# State: icon, word, and whether it needs a person, is well, or neither.
STATES: dict[str, tuple[str, str, str]] = {
    PublicationState.SCHEDULED: ("clock", "Scheduled", ""),
    PublicationState.SENDING: ("send", "Going out now", ""),
    PublicationState.SENT: ("circle-check", "Sent", "good"),
    PublicationState.UNKNOWN: ("circle-question-mark", "Outcome unknown", "urgent"),
    PublicationState.FAILED: ("circle-alert", "Failed", "urgent"),
    PublicationState.HELD: ("circle-pause", "On hold", "warn"),
    PublicationState.CANCELLED: ("circle-x", "Cancelled", ""),
    PublicationState.WITHDRAWN: ("archive-x", "Taken down", ""),
    ContentState.DRAFT: ("pencil-line", "Draft", ""),
    ContentState.IN_REVIEW: ("eye", "In review", "warn"),
    ContentState.RETURNED: ("undo-2", "Returned", "warn"),
    ContentState.APPROVED: ("circle-check", "Approved", "good"),
    ContentState.ARCHIVED: ("archive", "Archived", ""),
}
KINDS: dict[str, tuple[str, str]] = {
    ContentKind.EVENT: ("calendar-heart", "Event"),
    ContentKind.VACANCY: ("briefcase", "Job"),
    ContentKind.BLOG_ENTRY: ("pen-line", "Blog entry"),
    ContentKind.BULLETIN: ("newspaper", "Bulletin"),
}
CATEGORIES = {
    "social": "message-circle",
    "blog": "globe",
    "feed": "rss",
    "email": "mail",
    "staff_tool": "messages-square",
    "jobs_board": "clipboard-list",
    "event": "tent",
    "referral": "handshake",
    "agency": "building-2",
    "broadcast": "tv",
    "print": "printer",
    "other": "radio",
}
"""The icon of each category of channels."""
OUTCOMES: dict[str, str] = {
    Attempt.Outcome.SENT: "circle-check",
    Attempt.Outcome.NOT_SENT: "circle-x",
    Attempt.Outcome.UNKNOWN: "circle-question-mark",
}
"""The icon of each outcome of an attempt; one that runs has none yet."""


@register.simple_tag
def icon(name: str, *, size: int = 20) -> SafeString:
    """An icon of the lucide set; words beside it say what it means, so that readers of the screen are spared it."""
    return _drawn(str(name), size)


@lru_cache(maxsize=256)
def _drawn(name: str, size: int) -> SafeString:
    drawing = re.sub(r"^<svg[^>]*>|</svg>$", "", str(lucide(name)).strip())
    shapes = re.sub(r">\s+<", "><", drawing.strip())  # how it is drawn is said once, in components.css
    return SafeString(
        f'<svg class="icon" width="{size}" height="{size}" viewBox="0 0 24 24" aria-hidden="true">{shapes}</svg>'
    )


@register.simple_block_tag
def empty_page(content: str, symbol: str = "inbox") -> SafeString:
    """Where nothing stands yet: a symbol, and below it what the block says (a sentence, an example, one button)."""
    return format_html('<div class="empty">{} {}</div>', icon(symbol, size=32), content)


@register.filter
def when(at: datetime | None) -> SafeString | str:
    """ "today 14:00" or "Tue 3 Nov 09:30", for lists; the full date on hover."""
    if at is None:
        return ""
    words, full = brief(at, timezone.now()), _whole(at)
    return format_html('<time datetime="{}" title="{}">{}</time>', timezone.localtime(at).isoformat(), full, words)


@register.filter
def full_time(at: datetime) -> SafeString:
    """ "Tuesday 3 November 2026, 09:30 GMT", where one row's time decides something: for everybody to see."""
    return format_html('<time datetime="{}">{}</time>', timezone.localtime(at).isoformat(), _whole(at))


def _whole(at: datetime) -> str:
    local = timezone.localtime(at)
    return f"{organisation_clock.format_moment(at, local.tzinfo)} {local.tzname()}"


def brief(at: datetime, now: datetime) -> str:
    local, today = timezone.localtime(at), timezone.localdate(now)
    days = {today - timedelta(days=1): "yesterday", today: "today", today + timedelta(days=1): "tomorrow"}
    if local.date() in days:
        return f"{days[local.date()]} {local:%H:%M}"
    return organisation_clock.format_short_moment(at, local.tzinfo, today=today)


@register.filter
def another_clock(zone: str) -> str:
    """On which clock a time is told, such as "New York time"; nothing where it is the reader's own."""
    return organisation_clock.another(zone)


@register.filter
def zone_name(zone: str) -> str:
    """Such as "UK time" or "New York time"."""
    return organisation_clock.format_zone(zone)


@register.filter
def words_for(state: str) -> str:
    return STATES[state][1]


@register.filter(name="state")
def state_chip(state: str) -> SafeString:
    """A state of content or of a publication: an icon and a word."""
    symbol, word, tone = STATES[state]
    return format_html('<span class="state {}">{}{}</span>', tone, icon(symbol, size=16), word)


@register.filter(name="kind")
def kind_chip(kind: str) -> SafeString:
    """A kind of content: its colour, icon and word."""
    symbol, word = KINDS[kind]
    return format_html('<span class="kind {}">{}{}</span>', kind, icon(symbol, size=16), word)


@register.filter
def kind_icon(kind: str) -> SafeString:
    """The same without its word, where the word stands elsewhere."""
    symbol, word = KINDS[kind]
    return format_html(
        '<span class="kind {}">{}<span class="hidden">{}</span></span>', kind, icon(symbol, size=16), word
    )


@register.filter
def category_icon(category: str) -> SafeString:
    return icon(CATEGORIES[category], size=16)


@register.filter
def outcome_icon(outcome: str) -> SafeString:
    return icon(OUTCOMES.get(outcome, "send"), size=16)


@register.filter
def pence(amount: int | None) -> str:
    """Pence as pounds."""
    return "" if amount is None else f"£{amount / 100:,.2f}"


@register.filter
def thousandths(amount: int) -> str:
    """Thousandths of a US dollar, in which channels name their prices."""
    return f"${amount / 1000:,.3f}".removesuffix("0")


@register.filter
def has_permission(user: Any, act: str) -> bool:
    return authorization.has_permission(user, act)


@register.filter
def sheets(names: str) -> list[str]:
    """Paths of the style sheets with these names."""
    return [f"console/css/{name}.css" for name in names.split()]
