"""Events in the console: the list, writing and changing one, and cancelling it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from backend.accounts.models import User
from campaigns.planning.models import Event
from campaigns.planning.services import events
from tests import factories
from tests.console.content.test_vacancies import form_of, titles
from tests.console.speaking import Console

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

GIVEN = {
    "title": "Fish and chips by the sea",
    "event_kind": "pop_up",
    "starts_at": "2026-06-14T12:00",
    "ends_at": "2026-06-14T15:00",
    "place": "The seafront",
    "capacity": "80",
    "audience": "public",
    "childcare_offered": "on",
}


def test_new_event_is_kept_and_leads_to_its_page(comms: User) -> None:
    team = factories.team()
    assert Console(comms).send("/events/new", **GIVEN, host_team=team.pk)[0] == 302

    row = Event.objects.get()
    assert row.starts_at == datetime(2026, 6, 14, 11, tzinfo=UTC)
    assert (row.capacity, row.childcare_offered, row.host_team, row.online_url) == (80, True, team, "")


def test_address_fills_in_the_day(comms: User) -> None:
    form = form_of(Console(comms).see("/events/new?on=2026-04-07"))
    assert (form["starts_at"], form["ends_at"]) == ("2026-04-07T10:00", "2026-04-07T12:00")


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"ends_at": "2026-06-14T11:00"}, "ends_at", "The event ends before it starts."),
        (
            {"starts_at": "2026-02-01T12:00"},
            "starts_at",
            "The start time is in the past. Choose a later time, or allow a time in the past to record it.",
        ),
        ({"place": ""}, "place", "Enter a place, an online address or both."),
        ({"starts_at": "2027-03-28T01:30"}, "starts_at", "the clocks go forward"),
        ({"starts_at": "soon"}, "starts_at", "Enter a date and time"),
        ({"event_kind": ""}, "event_kind", "This field is required."),
    ],
)
def test_what_is_refused_is_said_beside_its_field_and_kept(
    comms: User, typed: dict[str, str], field: str, words: str
) -> None:
    status, page = Console(comms).send("/events/new", **{**GIVEN, **typed})

    assert (status, Event.objects.count()) == (200, 0)
    assert words in re.findall(rf'id="id_{field}_error">(.*?)</p>', page)[0]
    assert 'value="Fish and chips by the sea"' in page


def test_event_is_changed_and_what_is_untouched_stays(comms: User, approver: User) -> None:
    row = factories.approved_event(starts_at=datetime(2026, 10, 25, 1, 30, 30, tzinfo=UTC))
    speaks = Console(comms)
    form = form_of(speaks.see(f"/events/{row.pk}/change"))
    assert speaks.send(f"/events/{row.pk}/change", **form)[1] == "Saved 09:00."
    assert (Event.objects.get().state, Event.objects.get().starts_at) == ("approved", row.starts_at)

    events.change_event(event=row, changes={"place": "The pier"}, by=approver)
    status, page = speaks.send(f"/events/{row.pk}/change", **form | {"place": "The beach"})
    assert (status, Event.objects.get().place) == (200, "The pier")
    assert "Theirs: Place: The pier." in page


def test_cancelling_asks_first_and_cancels_what_waits(comms: User) -> None:
    row = factories.approved_event()
    post, speaks = factories.publication(of=row), Console(comms)
    page = speaks.see(f"/events/{row.pk}/cancel")
    assert "1 scheduled post will be cancelled:" in page
    assert Event.objects.get().cancelled_at is None

    assert speaks.send(f"/events/{row.pk}/cancel")[0] == 302

    post.refresh_from_db()
    assert (Event.objects.get().cancelled_at, post.state) == (timezone.now(), "cancelled")
    assert "This event is already cancelled." in speaks.send(f"/events/{row.pk}/cancel")[1]


def test_list_holds_what_is_on_and_coming_and_the_past_apart(manager: User) -> None:
    later, soon = factories.event(title="Later", starts_at=factories.in_days(9)), factories.event(title="Soon")
    Event.objects.filter(pk=soon.pk).update(starts_at=factories.in_days(2), ends_at=factories.in_days(3))
    now, over = factories.event(title="On now"), factories.event(title="Over")
    yesterday = timezone.now() - timedelta(days=1)
    Event.objects.filter(pk=now.pk).update(starts_at=yesterday, ends_at=factories.in_days(1))
    Event.objects.filter(pk=over.pk).update(starts_at=yesterday, ends_at=yesterday)
    events.cancel_event(event=later, by=None)
    speaks = Console(manager)

    assert titles(speaks.see("/events")) == ["On now", "Soon", "Later"]
    assert "on now, until" in speaks.see("/events")
    assert "Cancelled" in speaks.see("/events?q=later")
    assert titles(speaks.see("/events?which=past")) == ["Over"]
    assert titles(speaks.see("/events?which=all&sort=-pk")) == ["Over", "On now", "Soon", "Later"]
