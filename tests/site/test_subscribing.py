"""News by email, as its readers do it: asking, confirming, leaving with one click."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from campaigns.mailing import services as subscriptions
from campaigns.mailing.models import MailingList, Subscriber
from scheduler.connections import services as connections
from scheduler.mail.models import Delivery
from tests import factories
from tests.site.conftest import Outline

pytestmark = pytest.mark.django_db
ONE = "amy.reader@example.org"


@pytest.fixture(autouse=True)
def _nobody_was_here() -> None:
    cache.clear()


@pytest.fixture
def careers() -> MailingList:
    row = factories.mailing_list(name="Careers news", audience="public")
    channel = factories.channel(name="Careers mail", category="email")
    settings = {"host": "mail.example.org", "from_address": "news@example.org", "lists": [row.pk]}
    connections.connect_channel(channel=channel, kind="email", settings=settings, secrets={})
    return row


def ask(to: MailingList, address: str = ONE) -> Any:
    # As a browser without cookies does it: no token of a form either.
    return Client(enforce_csrf_checks=True).post("/subscribe", {"list": to.pk, "address": address})


def test_from_the_form_to_the_list(careers: MailingList) -> None:
    outline = Outline(Client().get("/subscribe").content.decode())
    assert {"for": "address"} in outline.all("label")
    assert ask(careers).status_code == 200
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


def test_the_answer_is_the_same_whether_the_address_was_known(careers: MailingList) -> None:
    unknown = ask(careers).content
    pending = ask(careers).content
    Client().post(f"/confirm/{Subscriber.objects.get().confirmation}")
    assert Subscriber.objects.get().status == "subscribed"
    subscribed = ask(careers).content
    subscriptions.unsubscribe_subscriber(subscriber=Subscriber.objects.get())
    assert unknown == pending == subscribed == ask(careers).content


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


def test_one_address_asks_ten_times_an_hour(careers: MailingList) -> None:
    answers = [ask(careers, f"reader{number}@example.org").status_code for number in range(12)]
    assert answers == [200] * 10 + [429] * 2
    assert Delivery.objects.count() == 10


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
