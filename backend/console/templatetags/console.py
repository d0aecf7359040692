"""How the console says times and states."""

from __future__ import annotations

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from campaigns.planning.models import PublicationState

register = template.Library()

STATES = {
    PublicationState.SCHEDULED: "Scheduled",
    PublicationState.SENDING: "Going out now",
    PublicationState.SENT: "Sent",
    PublicationState.UNKNOWN: "Outcome unknown",
    PublicationState.FAILED: "Failed",
    PublicationState.HELD: "Held",
    PublicationState.CANCELLED: "Cancelled",
    PublicationState.WITHDRAWN: "Taken down",
}


@register.filter
def when(at: datetime) -> SafeString:
    """ "today 14:00" or "Tue 3 Nov 09:30", with the full date and its zone for whoever asks."""
    local = timezone.localtime(at)
    full = f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M} {local.tzname()}"
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), full, brief(at, timezone.now()))


def brief(at: datetime, now: datetime) -> str:
    local, today = timezone.localtime(at), timezone.localdate(now)
    days = {today - timedelta(days=1): "yesterday", today: "today", today + timedelta(days=1): "tomorrow"}
    if local.date() in days:
        return f"{days[local.date()]} {local:%H:%M}"
    year = "" if local.year == today.year else f" {local:%Y}"
    return f"{local:%a} {local.day} {local:%b}{year} {local:%H:%M}"


@register.filter
def words_for(state: str) -> str:
    return STATES[PublicationState(state)]
