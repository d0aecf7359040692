"""The chores of rooms that know no scheduler: planning, mailing and hiring."""

from __future__ import annotations

from django.utils import timezone

from campaigns.hiring import visits
from campaigns.mailing import services as mailing
from campaigns.planning.services import waiting_publications
from campaigns.planning.services.timing import recurrences
from scheduler.engine import chores


def register() -> None:
    chores.register(
        "planning.cancel_ended", every=30.0, work=lambda: waiting_publications.cancel_ended(now=timezone.now())
    )
    chores.register("planning.plan_ahead", every=60.0, work=lambda: recurrences.plan_ahead(now=timezone.now()))
    chores.register(
        "hiring.destroy_old_salts", every=chores.HOURLY, work=lambda: visits.destroy_old_salts(now=timezone.now())
    )
    chores.register("mailing.answer_requests", every=2.0, work=mailing.answer_requests)
    chores.register(
        "mailing.forget_unconfirmed", every=chores.HOURLY, work=lambda: mailing.forget_unconfirmed(now=timezone.now())
    )
