from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from campaigns.planning.models.event import Event
from campaigns.planning.models.vacancy import Vacancy


def content_ended_by(now: datetime, prefix: str = "") -> Q:
    """Chooses content of any kind whose time has ended; `prefix` leads to the content from other rows."""
    return Vacancy.ended_by(now, f"{prefix}vacancy__") | Event.ended_by(now, f"{prefix}event__")
