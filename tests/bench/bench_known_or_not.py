"""How long a form takes must not tell whether an address is known: medians of both, and their ratio."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from unittest.mock import patch

from django.test import Client
from django.utils import timezone

from backend.accounts import services as accounts
from backend.accounts.limits import rules
from campaigns.mailing import services as subscriptions
from campaigns.mailing.models import Subscriber
from scheduler.connections import services as connections
from tests import factories
from tests.bench import harness

NEVER_FULL = rules.Limit(10**9, rules.HOUR)
KNOWN = "amy.reader@example.org"
PASSWORD = "sixteen green herons"
_number = itertools.count()


@harness.benchmark("subscribe_known", at_most=1.05)
def subscribe() -> harness.Measured:
    """An address that is on the list, against one that is not."""
    with harness.on(harness.filled(1_000)), patch.multiple(rules, RECIPIENT=NEVER_FULL, SUBSCRIPTIONS=NEVER_FULL):
        careers = factories.mailing_list(name="Careers news", audience="public")
        settings = {"host": "mail.example.org", "from_address": "news@example.org", "lists": [careers.pk]}
        channel = factories.channel(name="Careers mail", category="email")
        connections.connect_channel(channel=channel, kind="email", settings=settings, secrets={})
        subscriptions.request_subscription(mailing_list=careers, address=KNOWN, at=timezone.now())
        subscriptions.answer_requests()
        row = Subscriber.objects.get(address=KNOWN)
        subscriptions.confirm(token=str(row.confirmation), at=timezone.now())

        def ask(address: Callable[[], str]) -> Callable[[], None]:
            def call() -> None:
                answer = Client(HTTP_HOST="127.0.0.1").post("/subscribe", {"list": careers.pk, "address": address()})
                assert answer.status_code == 200

            return call

        return _compared(ask(lambda: KNOWN), ask(_unknown), calls=40)


@harness.benchmark("sign_in_known", at_most=1.1)
def sign_in() -> harness.Measured:
    """A wrong password for an account that is there, against one that is not."""
    never = dict.fromkeys(("PERSON", "ACCOUNT", "SIGN_IN"), NEVER_FULL)
    with harness.on(harness.filled(1_000)), patch.multiple(rules, **never):
        accounts.set_password(user=factories.person("comms"), password=PASSWORD)
        known = str(factories.person("comms").email)

        def give(email: Callable[[], str]) -> Callable[[], None]:
            def call() -> None:
                answer = Client(HTTP_HOST="127.0.0.1").post(
                    "/console/sign-in", {"username": email(), "password": "wrong"}
                )
                assert answer.status_code == 200

            return call

        return _compared(give(lambda: known), give(_unknown), calls=5)


def _unknown() -> str:
    return f"reader-{next(_number)}@example.org"


def _compared(known: Callable[[], None], unknown: Callable[[], None], *, calls: int) -> harness.Measured:
    return harness.ratio_of_medians(known, unknown, rounds=11, calls=calls).measured("known", "unknown")
