"""How the console says stages, states of hires, and days."""

from __future__ import annotations

from datetime import date

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backend.console.templatetags.console import icon
from campaigns.hiring.models import HireState, Stage
from campaigns.planning import organisation_clock

register = template.Library()

STAGES: dict[str, tuple[str, str]] = {
    Stage.NEW: ("inbox", ""),
    Stage.SCREENED: ("list-checks", ""),
    Stage.INTERVIEW: ("messages-square", ""),
    Stage.OFFERED: ("mail-open", ""),
    Stage.ACCEPTED: ("circle-check", "good"),
    Stage.STARTED: ("user-check", "good"),
    Stage.WITHDRAWN: ("log-out", ""),
    Stage.REJECTED: ("circle-x", ""),
}
HIRES: dict[str, tuple[str, str]] = {
    HireState.ACCEPTED: ("circle-check", "good"),
    HireState.STARTED: ("user-check", "good"),
    HireState.REVERSED: ("undo-2", ""),
}


@register.filter
def stage(value: str) -> SafeString:
    symbol, tone = STAGES[value]
    return _chip(symbol, tone, Stage(value).label)


@register.filter
def hire_state(value: str) -> SafeString:
    symbol, tone = HIRES[value]
    return _chip(symbol, tone, HireState(value).label)


def _chip(symbol: str, tone: str, word: str) -> SafeString:
    return format_html('<span class="state {}">{}{}</span>', tone, icon(symbol, size=16), word)


@register.filter
def day(on: date | None) -> SafeString | str:
    """ "Tue 3 Nov", with its year where that is another one."""
    if on is None:
        return ""
    full = f"{on:%A} {organisation_clock.format_day(on)}"
    return format_html(
        '<time datetime="{}" title="{}" class="nowrap">{}</time>',
        on.isoformat(),
        full,
        organisation_clock.format_short_day(on, today=organisation_clock.today()),
    )
