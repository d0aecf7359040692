"""What people can do in planning and with bulletins, each done once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

from django.utils import timezone

from backend.accounts.models import User
from campaigns.planning.models import Organisation, Reason
from campaigns.planning.services import compositions
from campaigns.planning.services.compositions import ChannelText
from campaigns.planning.services.timing import pauses, quiet_periods, slots
from tests import factories
from tests.audit.act import Act
from tests.factories import publishing

Setup = Callable[[User], dict[str, Any]]
ZONE = "Europe/London"


def content(make: Callable[[], Any], **more: Any) -> Setup:
    return lambda by: {"content": make(), "by": by, **more}


def publication(make: Callable[[], Any], **more: Any) -> Setup:
    return lambda by: {"publication": make(), "by": by, **more}


def changed(name: str, make: Callable[[], Any], changes: dict[str, Any], *, signed: bool = True) -> Setup:
    return lambda by: {name: make(), "changes": changes, **({"by": by} if signed else {})}


def plan(**fields: Any) -> Setup:
    return lambda by: {"by": by, **fields}


def entry() -> Any:
    return factories.blog_entry()


def composed(by: User) -> Any:
    row, channel = factories.approved_blog_entry(), factories.channel()
    compositions.save_composition(
        content=row, version=0, chosen=[ChannelText(channel)], times=[factories.in_days(2)], by=by
    )
    return row


def compose(by: User) -> dict[str, Any]:
    chosen = [ChannelText(factories.channel(), "Come and see us.")]
    return {"content": factories.blog_entry(), "version": 0, "chosen": chosen, "by": by}


def held(by: User) -> dict[str, Any]:
    row = publishing.held_late()
    return {"channel": row.channel, "reason_code": Reason.LATE, "by": by}


def quiet_hours() -> dict[str, Any]:
    times = {"from_time": time(22), "to_time": time(7), "zone": ZONE}
    return {"channel": factories.channel(), "kind": "quiet", "weekdays": ["MO"], **times}


def slot() -> dict[str, Any]:
    return {"channel": factories.channel(), "weekday": "MO", "time": time(9), "zone": ZONE}


def next_slot(by: User) -> dict[str, Any]:
    given = slot()
    slots.add_slot(**given)
    return {"content": factories.blog_entry(), "channel": given["channel"], "by": by}


def event_fields() -> dict[str, Any]:
    return {"title": "Open day", "event_kind": "pop_up", "place": "The pier"}


P = "campaigns.planning.services."
S = f"{P}publications."
T = f"{P}timing."
B = "campaigns.bulletins.services."
NEXT_WEEK = timedelta(days=7)
ACTS: dict[str, Act] = {
    f"{P}organisation.change_organisation": Act(
        changed("organisation", Organisation.current, {"name": "Harbour Trust"}, signed=False), "organisation", "update"
    ),
    f"{P}organisation.add_team": Act(lambda _: {"name": "Jade ward"}, "team", "create"),
    f"{P}organisation.change_team": Act(
        changed("team", factories.team, {"location": "Horsham"}, signed=False), "team", "update"
    ),
    f"{P}campaigns.add_campaign": Act(
        lambda _: {"name": "Spring", "purpose": "recruitment", "starts_on": timezone.localdate()}, "campaign", "create"
    ),
    f"{P}campaigns.change_campaign": Act(
        changed("campaign", factories.campaign, {"name": "Summer"}, signed=False), "campaign", "update"
    ),
    f"{P}channels.add_channel": Act(lambda _: {"name": "Stall", "category": "event"}, "channel", "create"),
    f"{P}channels.change_channel": Act(
        changed("channel", factories.channel, {"name": "Booth"}, signed=False), "channel", "update"
    ),
    f"{P}blog_entries.plan_blog_entry": Act(plan(title="A day", body="It begins."), "blogentry", "create"),
    f"{P}blog_entries.change_blog_entry": Act(changed("entry", entry, {"title": "A night"}), "blogentry", "update"),
    f"{P}events.plan_event": Act(
        lambda by: {
            **event_fields(),
            "starts_at": factories.in_days(9),
            "ends_at": factories.in_days(10),
            "by": by,
        },
        "event",
        "create",
    ),
    f"{P}events.change_event": Act(changed("event", factories.event, {"place": "The park"}), "event", "update"),
    f"{P}events.cancel_event": Act(lambda by: {"event": factories.event(), "by": by}, "event", "update"),
    f"{P}vacancies.plan_vacancy": Act(
        lambda by: {
            "title": "Nurse",
            "reference": "N-1",
            "staff_group": "nursing",
            "location": "Crawley",
            "opens_at": factories.in_days(0),
            "closes_at": factories.in_days(9),
            "apply_url": "https://jobs.example.org/N-1",
            "by": by,
        },
        "vacancy",
        "create",
    ),
    f"{P}vacancies.change_vacancy": Act(changed("vacancy", factories.vacancy, {"headcount": 4}), "vacancy", "update"),
    f"{P}vacancies.end_vacancy": Act(
        lambda by: {"vacancy": factories.approved_vacancy(), "status": "filled", "by": by}, "vacancy", "update"
    ),
    f"{B}plan_bulletin": Act(
        lambda by: {
            "title": "News",
            "period_start": timezone.localdate(),
            "period_end": timezone.localdate() + NEXT_WEEK,
            "by": by,
        },
        "bulletin",
        "create",
    ),
    f"{B}change_bulletin": Act(changed("bulletin", factories.bulletin, {"sections": []}), "section", "delete"),
    f"{P}content.submit_content": Act(content(entry), "blogentry", "update"),
    f"{P}content.approve_content": Act(
        content(lambda: factories.in_review(factories.blog_entry())), "blogentry", "update"
    ),
    f"{P}content.return_content": Act(
        content(lambda: factories.in_review(factories.blog_entry()), comment="Shorter."), "blogentry", "update"
    ),
    f"{P}content.withdraw_content": Act(content(entry), "blogentry", "update"),
    f"{P}content.archive_content": Act(content(factories.approved_blog_entry), "blogentry", "update"),
    f"{P}compositions.save_composition": Act(compose, "blogentry", "composed"),
    "scheduler.posts.previews.schedule_composition": Act(
        lambda by: {"content": composed(by), "version": 1, "by": by}, "publication", "create"
    ),
    f"{P}posts.plan_post": Act(
        lambda by: {
            "channel": factories.channel(),
            "publish_at": factories.in_days(1),
            "zone": ZONE,
            "title": "Join us",
            "body": "Come and see us.",
            "by": by,
        },
        "publication",
        "create",
    ),
    f"{S}schedule_publication": Act(
        lambda by: {
            "content": entry(),
            "channel": factories.channel(),
            "publish_at": factories.in_days(1),
            "zone": ZONE,
            "by": by,
        },
        "publication",
        "create",
    ),
    f"{S}change_publication": Act(
        lambda by: {"publication": factories.publication(), "pictures": [factories.picture()], "by": by},
        "publication",
        "update",
    ),
    f"{S}reschedule_publication": Act(
        lambda by: {
            "publication": factories.publication(),
            "publish_at": factories.in_days(3),
            "zone": ZONE,
            "by": by,
        },
        "publication",
        "update",
    ),
    f"{S}cancel_publication": Act(publication(factories.publication), "publication", "update"),
    f"{S}hold_publication": Act(publication(factories.publication, reason="Wait."), "publication", "update"),
    f"{S}release_publication": Act(publication(publishing.held), "publication", "update"),
    f"{S}retry_publication": Act(publication(publishing.failed), "publication", "update"),
    f"{S}mark_taken_down": Act(publication(publishing.sent), "publication", "update"),
    "scheduler.posts.manual_publishing.mark_published": Act(
        lambda by: {"publication": publishing.held_for_hand(), "at": timezone.now(), "by": by}, "publication", "update"
    ),
    f"{P}held_publications.release_held": Act(held, "publication", "update"),
    f"{P}held_publications.cancel_held": Act(held, "publication", "update"),
    f"{T}pauses.start_pause": Act(lambda by: {"reason": "Storm.", "by": by}, "pause", "create"),
    f"{T}pauses.end_pause": Act(
        lambda by: {"pause": pauses.start_pause(reason="Storm.", by=None), "held": "release", "by": by},
        "pause",
        "update",
    ),
    f"{T}quiet_periods.add_quiet_period": Act(lambda by: {**quiet_hours(), "by": by}, "quietperiod", "create"),
    f"{T}quiet_periods.remove_quiet_period": Act(
        lambda _: {"period": quiet_periods.add_quiet_period(**quiet_hours(), by=None)}, "quietperiod", "delete"
    ),
    f"{T}recurrences.start_recurrence": Act(
        lambda by: {
            "content": factories.approved_blog_entry(),
            "channel": factories.channel(),
            "rule": "FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0",
            "starts_at": factories.in_days(1),
            "zone": ZONE,
            "by": by,
        },
        "recurrence",
        "create",
    ),
    f"{T}recurrences.end_recurrence": Act(
        lambda by: {"recurrence": factories.recurrence(), "reason": "Enough.", "by": by}, "recurrence", "update"
    ),
    f"{T}slots.add_slot": Act(lambda _: slot(), "slot", "create"),
    f"{T}slots.remove_slot": Act(lambda _: {"slot": slots.add_slot(**slot())}, "slot", "delete"),
    f"{T}slots.schedule_in_next_slot": Act(next_slot, "publication", "create"),
}
