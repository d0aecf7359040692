"""Rows to test with, made by the rooms' own services. Times are counted from now, so that they fit a stopped clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from io import BytesIO
from itertools import count
from typing import Any, TypeVar

from django.utils import timezone
from PIL import Image

from backend.accounts.models import User
from campaigns.bulletins import services as bulletins
from campaigns.bulletins.models import Bulletin
from campaigns.mailing import services as subscriptions
from campaigns.mailing.models import MailingList
from campaigns.planning import states
from campaigns.planning.models import (
    BlogEntry,
    Campaign,
    Channel,
    Content,
    Event,
    Publication,
    Reason,
    Recurrence,
    SentPost,
    Team,
    Vacancy,
)
from campaigns.planning.services import blog_entries, content, events, publications, vacancies
from campaigns.planning.services import campaigns as campaigns_services
from campaigns.planning.services import channels as channels_services
from campaigns.planning.services import organisation as organisation_services
from campaigns.planning.services.timing import recurrences
from media.models import Picture
from media.services import add_picture

Row = TypeVar("Row", bound=Content)

CAST = {
    "comms": ("amara.osei@example.org", "Amara Osei"),
    "approver": ("tom.whitfield@example.org", "Tom Whitfield"),
    "hr": ("ruth.kaplan@example.org", "Ruth Kaplan"),
    "reader": ("dev.patel@example.org", "Dev Patel"),
    "admin": ("ines.moreau@example.org", "Inês Moreau"),
}
_number = count(1)


def person(role: str) -> User:
    """The one person of the cast with this role."""
    email, name = CAST[role]
    return User.objects.filter(email=email).first() or User.objects.create_person(email=email, name=name, role=role)


def in_days(days: float) -> datetime:
    return timezone.now() + timedelta(days=days)


def campaign(**fields: Any) -> Campaign:
    values = {
        "name": f"Nurses for Langley Green {next(_number)}",
        "purpose": "recruitment",
        "starts_on": timezone.localdate(),
        "hashtags": ["NHSJobs"],
    }
    return campaigns_services.add_campaign(**values | fields)


def team(**fields: Any) -> Team:
    return organisation_services.add_team(**{"name": f"Coral ward {next(_number)}", "location": "Crawley"} | fields)


def channel(**fields: Any) -> Channel:
    """A channel without a connection; public unless `audience="staff"`."""
    return channels_services.add_channel(**{"name": f"Careers stall {next(_number)}", "category": "event"} | fields)


def event(*, by: User | None = None, **fields: Any) -> Event:
    """A draft, a month from now, for two hours."""
    values: dict[str, Any] = {
        "title": f"Pop-up by the sea {next(_number)}",
        "event_kind": "pop_up",
        "place": "The seafront",
        "starts_at": in_days(30),
    }
    values |= fields
    values.setdefault("ends_at", values["starts_at"] + timedelta(hours=2))
    return events.plan_event(by=by or person("comms"), **values)


def vacancy(*, by: User | None = None, **fields: Any) -> Vacancy:
    """A draft, open from now for four weeks."""
    number = next(_number)
    values = {
        "title": f"Staff nurse {number}",
        "reference": f"354-NUR-{number}",
        "staff_group": "nursing",
        "location": "Crawley",
        "opens_at": in_days(0),
        "closes_at": in_days(28),
        "apply_url": f"https://jobs.example.org/354-NUR-{number}",
    }
    return vacancies.plan_vacancy(by=by or person("comms"), **values | fields)


def blog_entry(*, by: User | None = None, **fields: Any) -> BlogEntry:
    values = {"title": f"A day on the ward {next(_number)}", "body": "It begins with *handover*."}
    return blog_entries.plan_blog_entry(by=by or person("comms"), **values | fields)


def bulletin(*, by: User | None = None, **fields: Any) -> Bulletin:
    """A draft for staff with one text section."""
    today = timezone.localdate()
    values = {
        "title": f"News in brief {next(_number)}",
        "audience": "staff",
        "period_start": today,
        "period_end": today + timedelta(days=29),
        "sections": [{"kind": "text", "heading": "From the board", "body": "The board met on Monday."}],
    }
    return bulletins.plan_bulletin(by=by or person("comms"), **values | fields)


def publication(
    *, of: Content | None = None, on: Channel | None = None, by: User | None = None, **fields: Any
) -> Publication:
    """Tomorrow, of a draft blog entry on a channel that fits its audience, unless said otherwise."""
    row = of or blog_entry()
    values = {"publish_at": in_days(1), "zone": "Europe/London"}
    return publications.schedule_publication(
        content=row, channel=on or channel(audience=row.audience), by=by or person("comms"), **values | fields
    )


def moved(publication: Publication, to: str, reason_code: str = "", **columns: Any) -> Publication:
    """Moved as the engine or a person moves it, by the only writer of states. Without a reason it has the one that is
    usual there."""
    usual = {
        "held": Reason.HELD_BY_HAND,
        "failed": Reason.REFUSED_BY_CHANNEL,
        "unknown": Reason.NO_ANSWER,
        "cancelled": Reason.CANCELLED_BY_HAND,
        "withdrawn": Reason.TAKEN_DOWN_BY_HAND,
    }
    why = Reason(reason_code) if reason_code else usual.get(to)
    at = columns.pop("sent_at", None) or timezone.now()
    if to == publication.state:
        assert states.explain_publication(publication, reason_code=why, **{"reason": ""} | columns)
    else:
        if to == "failed":
            states.move_publication(publication, to="sending")
        elif to == "withdrawn":
            states.move_publication(publication, to="sent", sent=SentPost(at=at))
        sent = SentPost(at=at) if to == "sent" else None
        assert states.move_publication(publication, to=to, reason_code=why, sent=sent, **columns)
    publication.refresh_from_db()
    return publication


def recurrence(
    *, of: Content | None = None, on: Channel | None = None, by: User | None = None, **fields: Any
) -> Recurrence:
    """Each Monday at nine in London from tomorrow on, of an approved blog entry, unless said otherwise."""
    row = of or approved_blog_entry()
    values = {"rule": "FREQ=WEEKLY;BYDAY=MO;BYHOUR=9;BYMINUTE=0", "starts_at": in_days(1), "zone": "Europe/London"}
    return recurrences.start_recurrence(
        content=row, channel=on or channel(audience=row.audience), by=by or person("comms"), **values | fields
    )


def mailing_list(*addresses: str, **fields: Any) -> MailingList:
    """For staff unless said otherwise, with these addresses on it."""
    values = {"name": f"Staff news {next(_number)}", "audience": "staff", "from_name": "Riverside Hospitals"}
    row = subscriptions.add_list(**values | fields)
    if addresses:
        subscriptions.import_addresses(mailing_list=row, addresses=addresses, at=timezone.now())
    return row


def picture(**fields: Any) -> Picture:
    """Of one colour, each another one, without people."""
    number = next(_number)
    file = BytesIO()
    Image.new("RGB", (64, 48), (number % 256, number // 256 % 256, 120)).save(file, "PNG")
    file.seek(0)
    values = {"alt_text": f"The pier at noon, {number}.", "shows_people": False, "by": person("comms")}
    return add_picture(file=file, **values | fields)


def in_review(row: Row, *, by: User | None = None) -> Row:
    content.submit_content(content=row, by=by or person("comms"))
    row.refresh_from_db()
    return row


def approved(row: Row, *, by: User | None = None) -> Row:
    """Submitted and approved."""
    content.approve_content(content=in_review(row), by=by or person("approver"), comment="Reads well.")
    row.refresh_from_db()
    return row


def returned(row: Row, *, by: User | None = None) -> Row:
    content.return_content(content=in_review(row), by=by or person("approver"), comment="Shorter, please.")
    row.refresh_from_db()
    return row


def withdrawn(row: Row) -> Row:
    content.withdraw_content(content=row, by=person("comms"))
    row.refresh_from_db()
    return row


def archived(row: Row) -> Row:
    """Approved before."""
    content.archive_content(content=approved(row), by=person("comms"))
    row.refresh_from_db()
    return row


IN_STATE: dict[str, Callable[[Any], Any]] = {
    "draft": lambda row: row,
    "in_review": in_review,
    "returned": returned,
    "approved": approved,
    "withdrawn": withdrawn,
    "archived": archived,
}
"""Content in each state, from a draft."""


def approved_event(**fields: Any) -> Event:
    return approved(event(**fields))


def approved_vacancy(**fields: Any) -> Vacancy:
    return approved(vacancy(**fields))


def approved_blog_entry(**fields: Any) -> BlogEntry:
    return approved(blog_entry(**fields))


def approved_bulletin(**fields: Any) -> Bulletin:
    return approved(bulletin(**fields))
