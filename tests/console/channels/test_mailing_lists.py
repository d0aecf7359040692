"""Mailing lists in the console: who gets mail, adding addresses, leaving, and what became of the mails."""

from __future__ import annotations

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import User
from campaigns.mailing.models import MailingList, Subscriber
from campaigns.planning.models import Organisation
from scheduler.mail.models import Delivery
from tests import factories
from tests.console.speaking import Console

pytestmark = pytest.mark.django_db
SAM = "sam.okafor@example.org"


def test_list_is_added_and_changed(comms: User) -> None:
    speaks = Console(comms)

    status, said = speaks.send("/mailing-lists/new", name="Careers news", from_name="Riverside", audience="public")

    row = MailingList.objects.get()
    assert (status, "Careers news was added" in said, row.audience) == (302, True, "public")
    seen = speaks.see(f"/mailing-lists/{row.pk}/change").split('name="seen" value="')[1].split('"')[0]
    speaks.send(f"/mailing-lists/{row.pk}/change", name="Careers", from_name="Riverside", seen=seen)
    row.refresh_from_db()
    assert (row.name, row.audience) == ("Careers", "public")


def test_name_that_is_taken_is_named_and_kept(comms: User) -> None:
    factories.mailing_list(name="Staff news")

    _, page = Console(comms).send("/mailing-lists/new", name="Staff news", from_name="Riverside", audience="staff")

    assert "There is a problem" in page
    assert 'value="Staff news"' in page
    assert MailingList.objects.count() == 1


def test_addresses_are_added_and_who_has_left_is_not_brought_back(comms: User) -> None:
    row = factories.mailing_list(SAM)
    speaks = Console(comms)
    assert "Unsubscribed" in speaks.send(f"/subscribers/{row.subscribers.get().pk}/unsubscribe")[1]

    _, said = speaks.send(f"/mailing-lists/{row.pk}/import", addresses=f"{SAM}\namy@example.org, bo@example.org")

    assert said.endswith("2 added, 1 already on the list.")
    assert row.subscribers.get(address=SAM).status == "unsubscribed"


def test_wrong_address_is_named_and_none_is_added(comms: User) -> None:
    row = factories.mailing_list()

    _, page = Console(comms).send(f"/mailing-lists/{row.pk}/import", addresses="amy@example.org\nnobody")

    assert "Address 2 (nobody): Enter an email address, like name@example.org." in page
    assert "amy@example.org" in page
    assert not row.subscribers.exists()


def test_public_list_is_not_filled_by_others(comms: User) -> None:
    row = factories.mailing_list(audience="public")

    _, page = Console(comms).send(f"/mailing-lists/{row.pk}/import", addresses=SAM)

    assert "People subscribe to a public list themselves" in page
    assert not row.subscribers.exists()


def test_address_is_found_and_erased(comms: User) -> None:
    row = factories.mailing_list(SAM, "amy@example.org")
    speaks = Console(comms)

    page = speaks.see(f"/mailing-lists/{row.pk}?address=Sam.Okafor@example.org&status=subscribed")
    assert SAM in page
    assert "amy@example.org" not in page
    assert SAM in speaks.see(f"/mailing-lists/{row.pk}?address=%00{SAM}")
    speaks.send(f"/subscribers/{row.subscribers.get(address=SAM).pk}/erase")

    assert not Subscriber.objects.filter(address=SAM).exists()


@pytest.mark.parametrize(("role", "mails"), [("approver", True), ("hr", False), ("reader", False)])
def test_others_see_numbers_and_no_address(role: str, mails: bool) -> None:
    row = factories.mailing_list(SAM)
    channel = factories.channel(category="email", audience="staff")
    Delivery.objects.create(
        channel=channel,
        mailing_list=row,
        subscriber=row.subscribers.get(),
        message_id="<1@example.org>",
        state="bounced",
        code="5.1.1",
        message="No such mailbox.",
        due_at=timezone.now(),
    )
    speaks = Console(factories.person(role))

    for path in (f"/mailing-lists/{row.pk}", f"/mailing-lists/{row.pk}?tab=mails&address={SAM}"):
        page = speaks.see(path)
        assert "<dt>Subscribed</dt><dd>1</dd>" in page
        assert SAM not in page.replace(f"address={SAM}", "")
        assert ("5.1.1 No such mailbox." in page) is mails
    assert speaks.send(f"/subscribers/{row.subscribers.get().pk}/erase")[0] == 403


def test_pages_cost_few_queries(django_assert_max_num_queries: DjangoAssertNumQueries, comms: User) -> None:
    rows = [factories.mailing_list(*(f"reader{number}@example.org" for number in range(35))) for _ in range(3)]
    Organisation.current()
    speaks = Console(comms)

    for path in ("/mailing-lists", f"/mailing-lists/{rows[0].pk}", f"/mailing-lists/{rows[0].pk}?tab=mails"):
        with django_assert_max_num_queries(12):
            speaks.see(path)
