from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from backend.console.templatetags.console import brief
from campaigns.hiring.models import Candidate
from campaigns.hiring.services import candidates, hires
from campaigns.planning.models import Publication
from campaigns.planning.services import pauses
from scheduler import connections, sign_ins
from scheduler.models import Connection, WebhookEndpoint, Worker
from scheduler.outbound import endpoints
from tests import factories


@pytest.fixture
def page(client: Client, manager: User) -> object:
    def page(who: User = manager, path: str = "/console/") -> str:
        client.force_login(who)
        answer = client.get(path)
        assert answer.status_code == 200
        return " ".join(answer.content.decode().split())

    return page


def test_stranger_is_sent_to_sign_in(client: Client, db: None) -> None:
    for path in ("/console/", "/console/private-address"):
        answer = client.get(path) if path.endswith("/") else client.post(path)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/console/sign-in")


@pytest.mark.parametrize("role", ["comms", "approver", "hr", "reader", "admin"])
def test_every_role_sees_today(page, db: None, role: str) -> None:
    assert "<h1>Today</h1>" in page(factories.person(role))


def test_what_goes_out_next_has_time_channel_title_and_state(page, clock: time_machine.Traveller) -> None:
    channel = factories.channel(name="Ward stall")
    soon = factories.approved_blog_entry(title="A day on the ward")
    factories.publication(of=soon, on=channel, publish_at=factories.in_days(0.2))
    factories.publication(of=factories.blog_entry(title="Not read yet"), on=channel, publish_at=factories.in_days(0.3))
    factories.publication(of=factories.approved_blog_entry(title="Next week"), publish_at=factories.in_days(7))

    text = page()

    assert "today 13:48</time>" in text
    assert 'title="Monday 2 March 2026, 13:48 GMT"' in text
    assert "A day on the ward" in text
    assert "Ward stall" in text
    assert "Scheduled, not approved yet" in text
    assert "Next week" not in text
    assert "2 go out in the next 24 hours" in text


def test_what_needs_a_person_says_why(page) -> None:
    held, failed, unknown = (factories.publication(of=factories.approved_blog_entry()) for _ in range(3))
    Publication.objects.filter(pk=held.pk).update(state="held", reason="X is connected to nothing.")
    Publication.objects.filter(pk=failed.pk).update(state="failed", reason="X refused the text.")
    Publication.objects.filter(pk=unknown.pk).update(state="unknown", reason="X did not answer.")
    factories.in_review(factories.event(title="Read me"))

    text = page()

    assert "X is connected to nothing." in text
    assert "X refused the text." in text
    assert "X did not answer. It may be live. We are looking" in text
    assert "An approver reads it" in text
    assert "4 need a person, 2 of them now" in text


def test_stopped_worker_is_said_plainly(page) -> None:
    assert "The worker is not running, so nothing goes out. It has not been seen yet." in page()

    Worker.objects.create(name="a:1", started_at=timezone.now(), seen_at=timezone.now() - timedelta(minutes=3))
    assert "It was last seen 3 minutes ago." in page()

    Worker.objects.update(seen_at=timezone.now())
    assert "The worker is running." in page()


def test_hires_are_counted_by_channel_and_no_person_is_named(
    page, hr: User, manager: User, clock: time_machine.Traveller
) -> None:
    candidate = candidates.add_candidate(reference="C-1", name="Priya Nair", by=hr)
    hires.record_hire(candidate=candidate, vacancy=factories.vacancy(), accepted_on=timezone.localdate(), by=hr)

    for who in (manager, hr):
        text = page(who)
        assert "Not recorded" in text
        assert "Offers accepted from 1 January 2026 to 2 March 2026" in text
        assert "Priya" not in text
        assert "C-1" not in text
    assert Candidate.objects.count() == 1


def test_quiet_quarter_leads_to_the_latest_one_with_hires(page, hr: User) -> None:
    candidate = candidates.add_candidate(reference="C-1", by=hr)
    hires.record_hire(
        candidate=candidate, vacancy=factories.vacancy(), accepted_on=datetime(2018, 10, 3, tzinfo=UTC).date(), by=hr
    )

    assert "?from=2018-10-01&amp;to=2018-10-03#hires" in page()
    assert "Offers accepted from 1 October 2018" in page(path="/console/?from=2018-10-01&to=2018-10-31")


@pytest.mark.parametrize("query", ["?from=x&to=y", "?from=2026-02-31", "?from=2026-02-02&to=2026-01-01"])
def test_period_that_makes_no_sense_is_no_error(page, query: str) -> None:
    assert "Where hires came from" in page(path=f"/console/{query}")


def test_api_documents_are_offered_to_those_who_use_them(page, comms: User, manager: User, admin: User) -> None:
    assert "/api/v1/docs" in page(comms)
    assert "/api/v1/docs" in page(admin)
    assert "/api/v1/docs" not in page(manager)


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (datetime(2026, 3, 2, 14, 0, tzinfo=UTC), "today 14:00"),
        (datetime(2026, 3, 1, 23, 59, tzinfo=UTC), "yesterday 23:59"),
        (datetime(2026, 3, 3, 0, 0, tzinfo=UTC), "tomorrow 00:00"),
        (datetime(2026, 11, 3, 9, 30, tzinfo=UTC), "Tue 3 Nov 09:30"),
        (datetime(2026, 6, 3, 9, 30, tzinfo=UTC), "Wed 3 Jun 10:30"),
        (datetime(2018, 10, 3, 9, 30, tzinfo=UTC), "Wed 3 Oct 2018 10:30"),
    ],
)
def test_times_are_said_as_people_say_them(at: datetime, words: str) -> None:
    assert brief(at, datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) == words


def test_a_pause_is_shown_with_who_and_why(client: Client, comms: User) -> None:
    pauses.start_pause(reason="A colleague has died.", by=comms)
    client.force_login(comms)

    page = client.get("/console/").content.decode()

    assert "Publishing is paused" in page
    assert "A colleague has died." in page
    assert comms.name in page


def test_an_administrator_hears_of_a_receiver_that_was_given_up(page, db: None) -> None:
    receiver, _ = endpoints.add_endpoint(
        address="https://intranet.example.org/hooks", event_types=["publication.sent"], description="Intranet"
    )
    WebhookEndpoint.objects.update(active=False, disabled_at=timezone.now(), disabled_reason="It has failed 20 times.")

    assert "Intranet" in page(factories.person("admin"))
    assert "It has failed 20 times. Nothing is sent to it any more." in page(factories.person("admin"))
    assert "Intranet" not in page(factories.person("comms"))

    endpoints.change_endpoint(endpoint=receiver, changes={"active": True})
    assert "Intranet" not in page(factories.person("admin"))


def test_planners_hear_of_a_sign_in_that_ends(page, db: None) -> None:
    channel = factories.channel(name="Our page")
    row = connections.connect_channel(channel=channel, kind="share-kit", settings={}, secrets={})
    row.expires_at = factories.in_days(6.5)
    row.save()
    assert "Our page" not in page(factories.person("comms"))
    sign_ins.warn(connection=row)

    assert "Sign-in ends" in page(factories.person("comms"))
    assert "Our page" not in page(factories.person("hr"))

    Connection.objects.update(status=Connection.Status.NEEDS_SIGN_IN, message="It no longer accepts this sign-in.")
    assert "It no longer accepts this sign-in." in page(factories.person("comms"))
