"""Small rows of other rooms that hiring hangs on, and moments on London's clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from django.utils import timezone

from campaigns.hiring import services, states
from campaigns.hiring.models import HireState, Stage
from campaigns.planning.models import Campaign, Channel, EventKind, StaffGroup, Team
from campaigns.planning.services import blog_entries, events, publications, vacancies

LONDON = ZoneInfo("Europe/London")
_numbers = count(1)


def london(year, month, day, hour=10, minute=0, second=0, fold=0):
    return datetime(year, month, day, hour, minute, second, tzinfo=LONDON, fold=fold)


def channel(slug, name=None, category=Channel.Category.SOCIAL):
    return Channel.objects.get_or_create(slug=slug, defaults={"name": name or slug, "category": category})[0]


def team(name):
    return Team.objects.get_or_create(name=name)[0]


def campaign(name):
    return Campaign.objects.create(
        name=name, slug=f"campaign-{next(_numbers)}", purpose="recruitment", starts_on="2018-01-01"
    )


def vacancy(**given):
    number = next(_numbers)
    opens_at = datetime(2018, 1, 1, tzinfo=UTC)
    values = {
        "title": "Staff nurse",
        "slug": f"staff-nurse-{number}",
        "reference": f"V-{number}",
        "staff_group": StaffGroup.NURSING,
        "location": "Crawley",
        "opens_at": opens_at,
        "closes_at": opens_at + timedelta(days=30),
        "apply_url": "https://jobs.example/apply",
    }
    return vacancies.plan_vacancy(**values | given, allow_past=True, by=None)


def blog_entry():
    return blog_entries.plan_blog_entry(
        title="A day on the ward", slug=f"a-day-{next(_numbers)}", body="Hello", by=None
    )


def event():
    starts_at = datetime(2018, 9, 2, 10, tzinfo=UTC)
    return events.plan_event(
        title="Fish and chips by the sea",
        slug=f"fish-{next(_numbers)}",
        event_kind=EventKind.POP_UP,
        place="The seafront",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=3),
        allow_past=True,
        by=None,
    )


def publication(content, on):
    """With its tracked link, which it has from the start."""
    moment = datetime(2018, 9, 1, 9, tzinfo=UTC)
    return publications.schedule_publication(
        content=content, channel=on, publish_at=moment, zone="Europe/London", allow_past=True, by=None
    )


def candidate(*, stage=Stage.NEW, **given):
    """At a stage of a hire with that hire."""
    row = services.add_candidate(**{"reference": f"C-{next(_numbers)}", "by": None} | given)
    if stage in states.HIRED:
        today = timezone.localdate()
        started_on = today if stage == Stage.STARTED else None
        post = given.get("vacancy") or vacancy()
        services.record_hire(candidate=row, vacancy=post, accepted_on=today, started_on=started_on, by=None)
    elif stage != Stage.NEW:
        services.move_candidate(candidate=row, stage=stage, by=None)
    row.refresh_from_db()
    return row


def hire(accepted_on, touches=(), *, stated=None, post=None, state=HireState.ACCEPTED):
    """A hire with its candidate's touches, given as (channel, moment)."""
    person = candidate(stated_channel=stated)
    for where, at in touches:
        services.add_touch(candidate=person, channel=where, at=at)
    started_on = accepted_on if state == HireState.STARTED else None
    made = services.record_hire(
        candidate=person, vacancy=post or vacancy(), accepted_on=accepted_on, started_on=started_on, by=None
    )
    return services.reverse_hire(hire=made, by=None) if state == HireState.REVERSED else made
