"""How the audit trail shows what a value was and became."""

from __future__ import annotations

from django import template

from backend.console.administration.audit_words import Change, shortened

register = template.Library()


@register.filter
def both(change: Change) -> tuple[str, str]:
    """Before and after, of a length that can be read in a table."""
    return shortened(change.before, change.after)
