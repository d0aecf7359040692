"""Who has our mail: lists, and the addresses on them. Sending is the scheduler's.

Nobody is put on a public list by somebody else: it takes a mail that its owner answers. Whoever asks never learns
whether an address was known, neither from the answer nor from how long it takes: a worker looks at it later.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import models, transaction

from campaigns.mailing import confirmation_mail
from campaigns.mailing.errors import InvalidMailing, MailingRefused
from campaigns.mailing.models import MailingList, Subscriber, SubscriberStatus, SubscriptionRequest
from campaigns.planning import validation
from campaigns.planning.errors import InvalidPlan
from campaigns.planning.models import Audience

CONFIRM_WITHIN = timedelta(days=7)
ASKED_AGAIN_AFTER = timedelta(hours=1)
"""One mail that asks to confirm in this time, however often somebody types the address."""
IMPORTED_AT_MOST = 1000
ANSWERED_AT_MOST = 100
"""Requests in one turn of a worker, who has other work."""
_CHANGEABLE = frozenset({"name", "from_name", "description"})
_is_address = EmailValidator()


@dataclass(frozen=True)
class ImportResult:
    added: int
    known: int
    """On the list already, whatever their status: who has left is not brought back."""


def add_list(*, name: str, audience: str, from_name: str, description: str = "") -> MailingList:
    """Raises InvalidMailing."""
    return _save_list(MailingList(name=name, audience=audience, from_name=from_name, description=description))


def change_list(*, mailing_list: MailingList, changes: Mapping[str, Any]) -> MailingList:
    """Change the named fields. Its audience is not among them: people joined on that word. Raises InvalidMailing."""
    for name, value in changes.items():
        if name not in _CHANGEABLE:
            raise InvalidMailing(f"A mailing list has no {name} that can be changed.", field=name)
        setattr(mailing_list, name, value)
    return _save_list(mailing_list)


def _save_list(row: MailingList) -> MailingList:
    row.name, row.from_name = " ".join(row.name.split()), " ".join(row.from_name.split())
    try:
        validation.check(row)
    except InvalidPlan as error:
        raise InvalidMailing(str(error), field=error.field) from None
    row.save()
    return row


def clean_address(given: str, *, field: str = "address") -> str:
    """In lower case, its domain in ASCII. Raises InvalidMailing."""
    local, _, domain = given.strip().lower().rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode()}"
        _is_address(address)
    except (UnicodeError, ValidationError):
        raise InvalidMailing("Enter an email address, like name@example.org.", field=field) from None
    if len(address) > 254 or not address.isascii():  # RFC 5321, section 4.5.3.1.3
        raise InvalidMailing("This email address cannot be used. Enter another one.", field=field)
    return address


def request_subscription(*, mailing_list: MailingList, address: str, at: datetime) -> None:
    """Ask for a public list. A worker answers within seconds, see `answer_requests`. The same work for every address.
    Raises InvalidMailing for what is no address, and MailingRefused (not_public) for a list that the house fills."""
    if mailing_list.audience != Audience.PUBLIC:
        raise MailingRefused(
            ("You cannot subscribe to this list yourself. Ask the communications team."), code="not_public"
        )
    SubscriptionRequest.objects.create(mailing_list=mailing_list, address=clean_address(address), requested_at=at)


def answer_requests() -> int:
    """Ask by mail whoever is not on the list yet, at most once an hour. Returns how many requests were answered. Of
    several workers each answers others; what one of them could not finish, the next one does."""
    count = 0
    while count < ANSWERED_AT_MOST and SubscriptionRequest.objects.exists() and _answer_first():
        count += 1
    return count


@transaction.atomic
def _answer_first() -> bool:
    waiting = SubscriptionRequest.objects.select_for_update(skip_locked=True, of=("self",))
    row = waiting.select_related("mailing_list").first()
    if row is None:
        return False
    _ask_to_confirm(mailing_list=row.mailing_list, address=row.address, at=row.requested_at)
    row.delete()
    return True


def discard_requests() -> None:
    """Of a backup that was restored: they were answered after it was made."""
    SubscriptionRequest.objects.all().delete()


def _ask_to_confirm(*, mailing_list: MailingList, address: str, at: datetime) -> None:
    MailingList.objects.select_for_update().get(pk=mailing_list.pk)  # two at one moment must not both be new
    row = Subscriber.objects.filter(mailing_list=mailing_list, address=address).first()
    row = row or _new(mailing_list, address)
    if row.status == SubscriberStatus.SUBSCRIBED:
        return
    left = row.status == SubscriberStatus.UNSUBSCRIBED
    if not left and row.requested_at and at - row.requested_at < ASKED_AGAIN_AFTER:
        return
    row.status, row.requested_at = SubscriberStatus.PENDING, at
    row.confirmation = row.confirmation or secrets.token_urlsafe(24)
    row.confirmation_hash = _hashed(row.confirmation)
    row.save()
    confirmation_mail.send(row)


def find_by_confirmation_token(token: str, *, at: datetime) -> Subscriber | None:
    """Whom a link for confirming belongs to, while it is good: seven days, and for whoever confirmed with it."""
    row = Subscriber.objects.select_related("mailing_list").filter(confirmation_hash=_hashed(token)).first()
    in_time = row is not None and row.requested_at is not None and at - row.requested_at <= CONFIRM_WITHIN
    return row if row is not None and (in_time or row.status == SubscriberStatus.SUBSCRIBED) else None


@transaction.atomic
def confirm(*, token: str, at: datetime) -> Subscriber | None:
    """Put the owner of the link on the list; None where the link is not good. Called twice, the first time stands."""
    found = find_by_confirmation_token(token, at=at)
    if found is None:
        return None
    row = Subscriber.objects.select_for_update(of=("self",)).select_related("mailing_list").get(pk=found.pk)
    if row.status == SubscriberStatus.PENDING:
        row.status, row.confirmed_at = SubscriberStatus.SUBSCRIBED, at
        row.save(update_fields=["status", "confirmed_at"])
    return row


def find_by_token(token: str) -> Subscriber | None:
    """Whom a link for leaving belongs to. It never ends."""
    return Subscriber.objects.select_related("mailing_list").filter(token_hash=_hashed(token)).first()


@transaction.atomic
def unsubscribe(*, token: str) -> Subscriber | None:
    """Take the owner of the link off the list; None where the link is not ours. Called twice, they stay off it."""
    found = find_by_token(token)
    return None if found is None else unsubscribe_subscriber(subscriber=found)


@transaction.atomic
def unsubscribe_subscriber(*, subscriber: Subscriber) -> Subscriber:
    """Take somebody off the list. An older link for confirming ends with it."""
    return _leave(subscriber, SubscriberStatus.UNSUBSCRIBED)


@transaction.atomic
def mark_bounced(*, subscriber: Subscriber) -> Subscriber:
    """The address takes no mail, so it gets none any more. Who has left has left."""
    if subscriber.status == SubscriberStatus.UNSUBSCRIBED:
        return subscriber
    return _leave(subscriber, SubscriberStatus.BOUNCED)


def _leave(subscriber: Subscriber, status: SubscriberStatus) -> Subscriber:
    row = Subscriber.objects.select_for_update(of=("self",)).select_related("mailing_list").get(pk=subscriber.pk)
    if row.status != status:
        row.status, row.confirmation, row.confirmation_hash = status, None, None
        row.save(update_fields=["status", "confirmation", "confirmation_hash"])
    return row


@transaction.atomic
def import_addresses(*, mailing_list: MailingList, addresses: Sequence[str], at: datetime) -> ImportResult:
    """Put addresses on a list for staff, all of them or none. Who is known there stays as they are, above all who has
    left. Raises InvalidMailing, naming the address by its place, and MailingRefused (not_staff): on a public list
    everyone confirms for themselves."""
    if mailing_list.audience != Audience.STAFF:
        raise MailingRefused(
            "People subscribe to a public list themselves. Give them the address of the page /subscribe.",
            code="not_staff",
        )
    if len(addresses) > IMPORTED_AT_MOST:
        raise InvalidMailing(f"You can add up to {IMPORTED_AT_MOST} addresses at a time.", field="addresses")
    given = {clean_address(each, field=f"addresses.{place}"): None for place, each in enumerate(addresses)}
    MailingList.objects.select_for_update().get(pk=mailing_list.pk)
    known = set(mailing_list.subscribers.filter(address__in=given).values_list("address", flat=True))
    added = [address for address in given if address not in known]
    for address in added:  # one by one, so that those who follow saved rows hear of each
        row = _new(mailing_list, address)
        row.status, row.confirmed_at = SubscriberStatus.SUBSCRIBED, at
        row.save()
    return ImportResult(added=len(added), known=len(known))


@transaction.atomic
def erase(*, subscriber: Subscriber) -> None:
    """Forget an address, as its owner may ask. What was sent stays counted, without saying to whom."""
    subscriber.delete()


def forget_unconfirmed(*, now: datetime) -> int:
    """Forget who asked and never confirmed, once their link has ended. Returns how many."""
    ended = Subscriber.objects.filter(status=SubscriberStatus.PENDING, requested_at__lt=now - CONFIRM_WITHIN)
    count = 0
    for row in ended[:1000]:
        row.delete()
        count += 1
    return count


def _new(mailing_list: MailingList, address: str) -> Subscriber:
    token = secrets.token_urlsafe(24)
    return Subscriber(mailing_list=mailing_list, address=address, token=token, token_hash=_hashed(token))


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def counts(lists: models.QuerySet[MailingList], *, since: date | None = None) -> dict[int, int]:
    """How many are subscribed to each; of those, who confirmed from a day on."""
    rows = Subscriber.objects.filter(mailing_list__in=lists, status=SubscriberStatus.SUBSCRIBED)
    if since:
        rows = rows.joined_since(since)
    return dict(rows.values_list("mailing_list").annotate(number=models.Count("pk")))


def counts_by_status(mailing_list: MailingList) -> dict[str, int]:
    """How many addresses on a list stand where."""
    rows = mailing_list.subscribers.order_by("status").values_list("status")
    return dict(rows.annotate(number=models.Count("pk")))
