"""How pages of content say its state and its kind."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from backend.console.templatetags.console import icon, state_chip
from campaigns.planning.models import ContentState

register = template.Library()


@register.filter
def content_state(state: str) -> SafeString:
    """A content's state: an icon and a word. Withdrawn is what content is; its posts are taken down."""
    if state != ContentState.WITHDRAWN:
        return state_chip(state)
    return format_html('<span class="state">{}{}</span>', icon("archive-x", size=16), ContentState.WITHDRAWN.label)
