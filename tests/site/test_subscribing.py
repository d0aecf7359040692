"""News by email, as its readers do it: asking, confirming, leaving with one click."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backend.accounts.limits import rules
from backend.accounts.models import AttemptCount
from campaigns.mailing import services as subscriptions
from campaigns.mailing.models import MailingList, Subscriber
from scheduler.connections import services as connections
from scheduler.mail.models import Delivery
from tests import factories
from tests.site.conftest import Outline
from tests.sql import shape

pytestmark = pytest.mark.django_db
ONE = "amy.reader@example.org"


@pytest.fixture
def careers() -> MailingList:
    row = factories.mailing_list(name="Careers news", audience="public")
    channel = factories.channel(name="Careers mail", category="email")
    settings = {"host": "mail.example.org", "from_address": "news@example.org", "lists": [row.pk]}
    connections.connect_channel(channel=channel, kind="email", settings=settings, secrets={})
    return row


def ask(to: MailingList, address: str = ONE, *, at: str = "198.51.100.7") -> Any:
    # As a browser without cookies does it: no token of a form either.
    client = Client(enforce_csrf_checks=True, REMOTE_ADDR=at)
    return client.post("/subscribe", {"list": to.pk, "address": address})


def test_from_the_form_to_the_list(careers: MailingList) -> None:
    outline = Outline(Client().get("/subscribe").content.decode())
    assert {"for": "address"} in outline.all("label")
    assert ask(careers).status_code == 200
    assert not Subscriber.objects.exists()
    subscriptions.answer_requests()
    row = Subscriber.objects.get()
    assert Delivery.objects.get().mailing is None

    page = Client().get(f"/confirm/{row.confirmation}")
    assert b"Careers news" in page.content
    row.refresh_from_db()
    assert row.status == "pending"  # opening the link is not enough

    done = Client(enforce_csrf_checks=True).post(f"/confirm/{row.confirmation}")
    assert done.status_code == 200
    row.refresh_from_db()
    assert row.status == "subscribed"


def test_answer_and_work_are_the_same_whether_the_address_was_known(careers: MailingList) -> None:
    ask(careers, "first@example.org")  # from here on the page is at hand
    found: dict[str, tuple[bytes, list[str]]] = {}

    def note(status: str) -> None:
        with CaptureQueriesContext(connection) as queries:
            answer = ask(careers)
        found[status] = answer.content, [shape(each["sql"]) for each in queries]
        subscriptions.answer_requests()

    note("unknown")
    row = Subscriber.objects.get(address=ONE)
    assert row.status == "pending"
    note("pending")
    subscriptions.confirm(token=str(row.confirmation), at=timezone.now())
    note("subscribed")
    row.refresh_from_db()
    assert row.status == "subscribed"
    subscriptions.mark_bounced(subscriber=row)
    note("bounced")
    subscriptions.unsubscribe_subscriber(subscriber=row)
    note("unsubscribed")

    for status, same in found.items():
        assert same == found["unknown"], status
    statements = found["unknown"][1]
    assert sum("mailing_subscriptionrequest" in each for each in statements) == 1
    assert not any("mailing_subscriber" in each or "scheduler_delivery" in each for each in statements)


def test_lists_for_staff_and_lists_that_nobody_sends_to_are_not_offered(careers: MailingList) -> None:
    staff, idle = factories.mailing_list(name="Wards"), factories.mailing_list(name="Idle", audience="public")
    page = Client().get("/subscribe").content.decode()
    assert "Careers news" in page
    assert "Wards" not in page
    assert "Idle" not in page
    assert ask(staff).status_code == ask(idle).status_code == 400
    assert not Subscriber.objects.exists()


def test_a_wrong_address_is_shown_again_with_its_error(careers: MailingList) -> None:
    answer = ask(careers, '"><script>')
    assert answer.status_code == 400
    assert b"Enter an email address" in answer.content
    assert b"<script>" not in answer.content.split(b"<main")[1]


def test_an_open_day_subscribes_from_one_wifi(careers: MailingList) -> None:
    answers = [ask(careers, f"reader{number}@example.org").status_code for number in range(60)]
    assert answers == [200] * 60
    subscriptions.answer_requests()
    assert Delivery.objects.count() == 60


def test_one_recipient_is_written_to_ten_times_an_hour_wherever_it_is_asked_from(
    careers: MailingList, clock: Any
) -> None:
    spellings = [ONE, ONE.upper(), f" {ONE} "]
    answers = [ask(careers, spellings[n % 3], at=f"203.0.113.{n}") for n in range(12)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
    assert answers[-1].headers["Retry-After"] == "3600"
    assert "Try again in 60 minutes" in answers[-1].content.decode()
    assert ask(careers, "ben@example.org").status_code == 200

    clock.shift(timedelta(minutes=60))
    assert ask(careers).status_code == 200


@pytest.mark.parametrize("where", ["198.51.100.7", "2001:db8:0:1:{:x}::1"])
def test_one_line_asks_for_so_many_people_and_no_more(
    careers: MailingList, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    assert rules.SUBSCRIPTIONS.tries == 200
    monkeypatch.setattr(rules, "SUBSCRIPTIONS", rules.Limit(15, rules.HOUR))

    answers = [ask(careers, f"reader{n}@example.org", at=where.format(n)).status_code for n in range(17)]

    assert answers == [200] * 15 + [429] * 2
    assert ask(careers, "another@example.org", at="2001:db8:9::1").status_code == 200


def test_what_is_no_address_counts_for_nobody(careers: MailingList) -> None:
    for _ in range(3):
        assert ask(careers, "nobody").status_code == 400
    assert not AttemptCount.objects.exists()


def test_good_links_open_beside_a_stranger_who_tries_links(careers: MailingList) -> None:
    """Also for the hundredth reader behind one mail gateway that opens every link."""
    ask(careers)
    subscriptions.answer_requests()
    row = Subscriber.objects.get()
    stranger = Client(REMOTE_ADDR="198.51.100.7")
    found = [stranger.get(f"/{'confirm' if n % 2 else 'unsubscribe'}/{n}").status_code for n in range(102)]
    assert found == [404] * 100 + [429] * 2
    assert stranger.post("/confirm/nobody").status_code == 429

    for path in (f"/confirm/{row.confirmation}", f"/unsubscribe/{row.token}"):
        assert [stranger.get(path).status_code for _ in range(3)] == [200] * 3
    assert stranger.post(f"/confirm/{row.confirmation}").status_code == 200
    assert Client(REMOTE_ADDR="198.51.100.8").get("/confirm/nobody").status_code == 404


def test_one_click_leaves_the_list() -> None:
    factories.mailing_list(ONE)
    address = f"/unsubscribe/{Subscriber.objects.get().token}"
    mail_program = Client(enforce_csrf_checks=True)
    answer = mail_program.post(address, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert answer.cookies == {}
    assert Subscriber.objects.get().status == "unsubscribed"
    assert mail_program.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200


def test_a_person_finds_a_button_and_opening_alone_changes_nothing() -> None:
    mailing_list = factories.mailing_list(ONE)
    page = Client().get(f"/unsubscribe/{Subscriber.objects.get().token}")
    assert mailing_list.name in page.content.decode()
    assert Outline(page.content.decode()).all("form") == [{"method": "post"}]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert ONE not in page.content.decode()
    assert Subscriber.objects.get().status == "subscribed"


def test_links_that_are_not_ours() -> None:
    assert Client().get("/unsubscribe/nobody").status_code == 404
    assert Client().post("/unsubscribe/nobody").status_code == 200  # an erased address: a mail program must not retry
    assert Client().get("/confirm/nobody").status_code == 404
    assert Client().post("/confirm/nobody").status_code == 404
    assert Client().put("/confirm/nobody").status_code == 405
