"""Who comes onto a list, and who leaves it: never without their word, and never told to anybody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.mailing import confirmation_mail
from campaigns.mailing import services as subscriptions
from campaigns.mailing.errors import InvalidMailing, MailingRefused
from campaigns.mailing.models import MailingList, Subscriber
from tests import factories

pytestmark = pytest.mark.django_db
ONE = "amy.reader@example.org"


@pytest.fixture
def public() -> MailingList:
    return factories.mailing_list(name="Careers news", audience="public")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Subscriber]:
    """Who is to be asked to confirm."""
    found: list[Subscriber] = []
    monkeypatch.setattr(confirmation_mail, "_registered", [found.append])
    return found


def subscribe(to: MailingList, address: str = ONE, *, minutes: float = 0) -> None:
    at = timezone.now() + timedelta(minutes=minutes)
    subscriptions.request_subscription(mailing_list=to, address=address, at=at)
    assert subscriptions.answer_requests() == 1


def test_a_public_list_takes_two_steps(public: MailingList, asked: list[Subscriber]) -> None:
    subscribe(public, " Amy.Reader@EXAMPLE.org ")
    row = Subscriber.objects.get()
    assert (row.address, row.status, asked) == (ONE, "pending", [row])

    confirmed = subscriptions.confirm(token=str(row.confirmation), at=timezone.now())

    assert confirmed is not None
    assert confirmed.status == "subscribed"
    assert confirmed.confirmed_at is not None


def test_asking_again_and_again_is_one_mail_an_hour(public: MailingList, asked: list[Subscriber]) -> None:
    for minutes in (0, 1, 59):
        subscribe(public, minutes=minutes)
    assert len(asked) == 1
    subscribe(public, minutes=61)
    assert len(asked) == 2
    assert asked[0].confirmation == asked[1].confirmation  # the first mail still works


def test_a_request_waits_for_a_worker_and_is_answered_once(public: MailingList, asked: list[Subscriber]) -> None:
    for address in (ONE, "ben@example.org"):
        subscriptions.request_subscription(mailing_list=public, address=address, at=timezone.now())
    assert asked == []

    assert [subscriptions.answer_requests() for _ in range(2)] == [2, 0]
    assert [row.address for row in asked] == [ONE, "ben@example.org"]


def test_a_request_that_cannot_be_answered_now_is_answered_later(
    public: MailingList, asked: list[Subscriber], monkeypatch: pytest.MonkeyPatch
) -> None:
    subscriptions.request_subscription(mailing_list=public, address=ONE, at=timezone.now())
    with monkeypatch.context() as broken:
        broken.setattr(confirmation_mail, "_registered", [])
        with pytest.raises(LookupError):
            subscriptions.answer_requests()
    assert not Subscriber.objects.exists()

    assert subscriptions.answer_requests() == 1
    assert len(asked) == 1


def test_who_is_on_the_list_is_not_asked(public: MailingList, asked: list[Subscriber]) -> None:
    subscribe(public)
    subscriptions.confirm(token=str(asked[0].confirmation), at=timezone.now())
    subscribe(public, minutes=100)
    assert len(asked) == 1
    assert Subscriber.objects.get().status == "subscribed"


def test_the_link_ends_after_seven_days(public: MailingList, asked: list[Subscriber]) -> None:
    subscribe(public)
    token = str(asked[0].confirmation)
    assert subscriptions.confirm(token=token, at=timezone.now() + timedelta(days=7, hours=1)) is None
    assert subscriptions.confirm(token=token, at=timezone.now() + timedelta(days=6)) is not None


def test_no_old_mail_brings_back_who_has_left(public: MailingList, asked: list[Subscriber]) -> None:
    subscribe(public)
    token = str(asked[0].confirmation)
    row = subscriptions.confirm(token=token, at=timezone.now())
    assert row is not None
    subscriptions.unsubscribe(token=row.token)

    assert subscriptions.confirm(token=token, at=timezone.now()) is None
    assert subscriptions.confirm(token=row.token, at=timezone.now()) is None
    assert Subscriber.objects.get().status == "unsubscribed"


def test_leaving_twice_is_leaving_once() -> None:
    factories.mailing_list(ONE)
    token = Subscriber.objects.get().token
    for _ in range(2):
        found = subscriptions.unsubscribe(token=token)
        assert found is not None
        assert found.status == "unsubscribed"
    assert subscriptions.unsubscribe(token="not ours") is None


def test_tokens_are_kept_as_hashes_and_encrypted(public: MailingList) -> None:
    from django.db import connection

    subscribe(public)
    row = Subscriber.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT token, confirmation, token_hash, confirmation_hash FROM mailing_subscriber")
        kept = cursor.fetchone()
    assert row.token not in kept
    assert row.confirmation not in kept


def test_a_list_for_staff_is_filled_by_the_house_and_by_nobody_else(public: MailingList) -> None:
    staff = factories.mailing_list(ONE)
    with pytest.raises(MailingRefused) as refused:
        subscribe(staff)
    assert refused.value.code == "not_public"
    with pytest.raises(MailingRefused) as refused:
        subscriptions.import_addresses(mailing_list=public, addresses=[ONE], at=timezone.now())
    assert refused.value.code == "not_staff"


def test_an_import_brings_nobody_back() -> None:
    staff = factories.mailing_list(ONE, "ben@example.org")
    subscriptions.unsubscribe_subscriber(subscriber=Subscriber.objects.get(address=ONE))
    done = subscriptions.import_addresses(
        mailing_list=staff, addresses=[ONE, "eve@example.org", "EVE@example.org"], at=timezone.now()
    )
    assert (done.added, done.known) == (1, 1)
    assert Subscriber.objects.get(address=ONE).status == "unsubscribed"


def test_an_import_is_whole_or_nothing() -> None:
    staff = factories.mailing_list()
    with pytest.raises(InvalidMailing) as wrong:
        subscriptions.import_addresses(mailing_list=staff, addresses=[ONE, "nobody"], at=timezone.now())
    assert wrong.value.field == "addresses.1"
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("given", ["", "nobody", "a@b", "a b@example.org", "a@exa mple.org", "a@b.org\r\nBcc: c@d.org"])
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(InvalidMailing):
        subscriptions.clean_address(given)


def test_a_domain_in_another_script_is_kept_in_ascii() -> None:
    assert subscriptions.clean_address("amy@Krankenhäuser.example") == "amy@xn--krankenhuser-ncb.example"


def test_who_left_stays_gone_when_a_late_mail_comes_back() -> None:
    factories.mailing_list(ONE)
    row = subscriptions.unsubscribe_subscriber(subscriber=Subscriber.objects.get())
    assert subscriptions.mark_bounced(subscriber=row).status == "unsubscribed"


def test_who_never_confirms_is_forgotten(public: MailingList) -> None:
    factories.mailing_list("ben@example.org")
    subscribe(public)
    assert subscriptions.forget_unconfirmed(now=timezone.now() + timedelta(days=6)) == 0
    assert subscriptions.forget_unconfirmed(now=timezone.now() + timedelta(days=8)) == 1
    assert Subscriber.objects.get().address == "ben@example.org"


def test_lists(public: MailingList) -> None:
    with pytest.raises(InvalidMailing) as wrong:
        factories.mailing_list(name="Careers  news")
    assert wrong.value.field == "name"
    with pytest.raises(InvalidMailing):
        subscriptions.change_list(mailing_list=public, changes={"audience": "staff"})
    changed = subscriptions.change_list(mailing_list=public, changes={"from_name": "Riverside\nJobs"})
    assert changed.from_name == "Riverside Jobs"
