from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar, Event

from backend.audit.models import LogEntry
from campaigns.planning.models import Content
from campaigns.planning.services import content, events, publications, vacancies
from tests import factories

LONDON = ZoneInfo("Europe/London")


def read(client: Client, path: str) -> dict[str, Event]:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert not answer.cookies
    found = Calendar.from_ical(answer.content)
    assert not found.errors
    return {str(event["UID"]): event for event in found.walk("VEVENT")}


def test_plan_has_events_closing_dates_and_publications(
    client: Client, private_plan: str, clock: time_machine.Traveller
) -> None:
    event = factories.approved_event(title="Pop-up")
    vacancy = factories.vacancy(title="Nurse")
    channel = factories.channel(name="Stall")
    publication = factories.publication(of=event, on=channel)

    found = read(client, private_plan)

    assert set(found) == {
        f"{event.guid}@promenade",
        f"closing-{vacancy.guid}@promenade",
        f"publication-{publication.pk}@promenade",
    }
    told = found[f"{event.guid}@promenade"]
    assert (told["SUMMARY"], told["STATUS"]) == ("Pop-up", "CONFIRMED")
    assert told.start == event.starts_at
    assert told.end == event.ends_at
    closing = found[f"closing-{vacancy.guid}@promenade"]
    assert (closing["SUMMARY"], closing["STATUS"]) == ("Closes: Nurse", "TENTATIVE")
    assert found[f"publication-{publication.pk}@promenade"]["SUMMARY"] == "Stall: Pop-up"
    assert all("DTSTAMP" in component and "SEQUENCE" in component for component in found.values())


@pytest.mark.parametrize(
    "wall",
    [
        datetime(2026, 3, 29, 0, 30, tzinfo=LONDON),
        datetime(2026, 3, 29, 2, 30, tzinfo=LONDON),
        datetime(2026, 10, 25, 1, 30, tzinfo=LONDON),
        datetime(2026, 10, 25, 1, 30, tzinfo=LONDON, fold=1),
    ],
)
def test_times_are_right_on_both_nights_when_clocks_change(
    client: Client, private_plan: str, clock: time_machine.Traveller, wall: datetime
) -> None:
    event = factories.event(starts_at=wall.astimezone(UTC))

    start = read(client, private_plan)[f"{event.guid}@promenade"].start

    assert start == wall.astimezone(UTC)
    local = start.astimezone(LONDON)
    assert (local.hour, local.minute, local.fold) == (wall.hour, wall.minute, wall.fold)


def test_every_change_raises_sequence_and_last_modified(
    client: Client, private_plan: str, clock: time_machine.Traveller
) -> None:
    event = factories.event()
    uid = f"{event.guid}@promenade"
    seen = []

    def look() -> None:
        found = read(client, private_plan)[uid]
        seen.append((int(found["SEQUENCE"]), found["LAST-MODIFIED"].dt, found["DTSTAMP"].dt))
        clock.shift(60)

    look()
    events.change_event(event=event, changes={"title": "New title"}, by=factories.person("comms"))
    look()
    events.change_event(event=event, changes={"starts_at": factories.in_days(20)}, by=factories.person("comms"))
    look()
    factories.approved(Content.objects.get(pk=event.pk))
    look()
    events.cancel_event(event=event, by=factories.person("comms"))
    look()

    sequences = [sequence for sequence, _, _ in seen]
    assert sequences == sorted(set(sequences))
    assert len({last for _, last, _ in seen}) == len(seen)
    assert all(last == stamp for _, last, stamp in seen)


def test_cancelled_event_keeps_its_uid(client: Client, private_plan: str) -> None:
    event = factories.approved_event()
    publication = factories.publication(of=event)

    events.cancel_event(event=event, by=factories.person("comms"))

    found = read(client, private_plan)
    assert found[f"{event.guid}@promenade"]["STATUS"] == "CANCELLED"
    assert found[f"publication-{publication.pk}@promenade"]["STATUS"] == "CANCELLED"


def test_moved_and_cancelled_publication_keeps_its_uid_and_rises(client: Client, private_plan: str) -> None:
    publication = factories.publication(of=factories.approved_blog_entry())
    uid = f"publication-{publication.pk}@promenade"
    first = int(read(client, private_plan)[uid]["SEQUENCE"])

    publications.reschedule_publication(
        publication=publication, publish_at=factories.in_days(3), zone="Europe/London", by=factories.person("comms")
    )
    second = read(client, private_plan)[uid]
    publications.cancel_publication(publication=publication, by=factories.person("comms"))
    third = read(client, private_plan)[uid]

    assert first < int(second["SEQUENCE"]) < int(third["SEQUENCE"])
    assert (second["STATUS"], third["STATUS"]) == ("CONFIRMED", "CANCELLED")


def test_closing_date_of_a_filled_vacancy_and_withdrawn_content_are_cancelled(
    client: Client, private_plan: str
) -> None:
    vacancy, event = factories.approved_vacancy(), factories.approved_event()

    vacancies.end_vacancy(vacancy=vacancy, status="filled", by=factories.person("hr"))
    content.withdraw_content(content=Content.objects.get(pk=event.pk), by=factories.person("comms"))

    assert {told["STATUS"] for told in read(client, private_plan).values()} == {"CANCELLED"}


def test_plan_reaches_a_month_back_and_a_year_ahead(
    client: Client, private_plan: str, clock: time_machine.Traveller
) -> None:
    inside = [factories.event(starts_at=factories.in_days(days), allow_past=True) for days in (-31, 365)]
    for days in (-33, 368):
        factories.event(starts_at=factories.in_days(days), allow_past=True)

    assert set(read(client, private_plan)) == {f"{event.guid}@promenade" for event in inside}


def test_same_plan_is_the_same_bytes_and_a_304(
    client: Client, private_plan: str, clock: time_machine.Traveller
) -> None:
    factories.publication(of=factories.event())
    first = client.get(private_plan)
    clock.shift(timedelta(hours=3))

    again = client.get(private_plan, headers={"If-None-Match": first.headers["ETag"]})

    assert client.get(private_plan).content == first.content
    assert again.status_code == 304


def test_publications_reach_three_months_ahead(
    client: Client, private_plan: str, clock: time_machine.Traveller
) -> None:
    of = factories.approved_blog_entry()
    inside, outside = (factories.publication(of=of, publish_at=factories.in_days(days)) for days in (91, 94))

    assert set(read(client, private_plan)) == {f"publication-{inside.pk}@promenade"}
    clock.shift(timedelta(days=3))
    assert f"publication-{outside.pk}@promenade" in read(client, private_plan)


def test_long_and_odd_words_come_through(client: Client, private_plan: str) -> None:
    title = "Nurses; doctors, and a \\ – " + "über die Brücke " * 8
    event = factories.event(title=title.strip())

    answer = client.get(private_plan)

    assert max(len(line) for line in answer.content.split(b"\r\n")) <= 75
    assert str(Calendar.from_ical(answer.content).walk("VEVENT")[0]["SUMMARY"]) == event.title


def test_change_that_is_written_behind_a_later_one_shows(client: Client, private_plan: str) -> None:
    """On PostgreSQL a transaction that began first, and took the lower number, may commit last."""
    event = factories.event(title="Before")
    entry = LogEntry.objects.latest("pk")

    def logged(number: int) -> None:
        LogEntry.objects.bulk_create(
            [LogEntry(pk=number, content_type=entry.content_type, object_pk="0", object_repr="", action=1)]
        )

    logged(entry.pk + 10)
    client.get(private_plan)

    Content.objects.filter(pk=event.pk).update(title="After")
    logged(entry.pk + 5)

    assert [str(told["SUMMARY"]) for told in read(client, private_plan).values()] == ["After"]


def test_kept_plan_costs_its_token_and_a_look_at_the_trail(
    client: Client, private_plan: str, django_assert_num_queries: Callable[[int], Any]
) -> None:
    factories.publication(of=factories.event())
    first = client.get(private_plan)

    with django_assert_num_queries(2):
        again = client.get(private_plan, headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304


def test_composing_costs_the_same_for_few_and_many(client: Client, private_plan: str) -> None:
    costs = []
    for number in (1, 2, 6):
        for _ in range(number):
            factories.publication(of=factories.event())
        with CaptureQueriesContext(connection) as queries:
            client.get(private_plan)
        costs.append(len(queries))

    assert costs[1] == costs[2] <= 12  # the very first reading also looks up what the kinds are called


def test_plan_follows_the_organisations_clock(
    client: Client, private_plan: str, organisation_in: Callable[[str], None]
) -> None:
    assert b"X-WR-TIMEZONE:Europe/London" in client.get(private_plan).content
    organisation_in("Europe/Dublin")  # the same midnights
    assert b"X-WR-TIMEZONE:Europe/Dublin" in client.get(private_plan).content
