"""Counts tries in the database, where no other visitor and no restart pushes a count out. Each is counted and compared
in one statement before what is tried is looked at, so that of many at one moment no more get through than may.

A count runs from its first try for a fixed time. Who is refused is not counted, so that trying on never prolongs the
wait: neither one's own nor that of somebody whom a stranger locks out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import salted_hmac

from backend.accounts.errors import TooManyAttempts
from backend.accounts.models import AttemptCount

CLOCKS_DIFFER = timedelta(minutes=1)
"""What ends later than it could by this was written before the clock was set back, and counts for nothing. Clocks of
several hosts differ by less."""
SALT = "accounts.limits"


@dataclass(frozen=True)
class Limit:
    tries: int
    within: timedelta


@dataclass(frozen=True)
class Counter:
    """One of the counts that a try passes."""

    what: str
    limit: Limit
    account: str = ""
    scope: str = ""
    personal: bool = False
    """Whether all its tries are one person's, as far as can be told: then a right one shows that it was they, and ends
    the count. Of a count that many share, a right one takes back itself alone; else whoever has one account could go
    on guessing at others."""

    @property
    def key(self) -> str:
        return _account_key(self.what, self.account) + _hashed(self.scope)


class _Full(Exception):
    """Takes back what the counts before this one have counted."""

    def __init__(self, counter: Counter) -> None:
        self.counter = counter
        super().__init__(counter.what)


@dataclass(frozen=True)
class Attempt:
    """A try that may be made. Say what came of it."""

    counters: Sequence[Counter]
    last_of: Counter | None = None
    """The count that is full with this one."""

    @transaction.atomic
    def succeed(self) -> None:
        """It was right."""
        for counter in self.counters:  # in the order in which they were taken, so that no two wait for one another
            if counter.personal:
                AttemptCount.objects.filter(key=counter.key).delete()
            else:
                _decrement(counter)

    def fail(self) -> None:
        """It was wrong. Raises TooManyAttempts where no more may be made now."""
        if self.last_of is not None:
            raise TooManyAttempts(_wait(self.last_of))

    @transaction.atomic
    def cancel(self) -> None:
        """It was not looked at."""
        for counter in self.counters:
            _decrement(counter)


def take(counters: Sequence[Counter]) -> Attempt:
    """One try, counted by all of them or by none. Name what many share first, so that all take them in one order.
    Raises TooManyAttempts. Call outside of a transaction that may be taken back."""
    last_of = None
    try:
        with transaction.atomic():
            for counter in counters:
                tries = _increment(counter)
                if tries is None:
                    raise _Full(counter)
                if tries >= counter.limit.tries:
                    last_of = counter
    except _Full as full:
        raise TooManyAttempts(_wait(full.counter)) from None
    return Attempt(counters, last_of)


def forget_account(account: str, *, whats: Sequence[str]) -> None:
    """All that was counted of an account, wherever it was tried from."""
    for what in whats:
        AttemptCount.objects.filter(key__startswith=_account_key(what, account)).delete()


def _increment(counter: Counter) -> int | None:
    """How many tries there are with this one; None where it is one too many."""
    now = timezone.now()
    ends_at = now + counter.limit.within
    table = f'"{AttemptCount._meta.db_table}"'
    over = f"({table}.ends_at <= %s OR {table}.ends_at > %s)"
    moments = [_moment(now), _moment(ends_at + CLOCKS_DIFFER)]
    statement = (
        f"INSERT INTO {table} (key, tries, ends_at) VALUES (%s, 1, %s) ON CONFLICT (key) DO UPDATE SET "  # noqa: S608 - a name of ours
        f"tries = CASE WHEN {over} THEN 1 ELSE {table}.tries + 1 END, "
        f"ends_at = CASE WHEN {over} THEN excluded.ends_at ELSE {table}.ends_at END "
        f"WHERE {over} OR {table}.tries < %s RETURNING tries"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [counter.key, _moment(ends_at), *moments, *moments, *moments, counter.limit.tries])
        row = cursor.fetchone()
    return row[0] if row else None


def _wait(counter: Counter) -> timedelta:
    """Until this count ends."""
    ends_at = AttemptCount.objects.filter(key=counter.key).values_list("ends_at", flat=True).first()
    now = timezone.now()
    return max(timedelta(seconds=1), (ends_at or now) - now)


def _decrement(counter: Counter) -> None:
    AttemptCount.objects.filter(key=counter.key, tries__gt=0).update(tries=F("tries") - 1)


def _moment(at: datetime) -> Any:
    return AttemptCount._meta.get_field("ends_at").get_db_prep_value(at, connection)


def _account_key(what: str, account: str) -> str:
    return _hashed(f"{what}\0{account.strip().lower()}")


def _hashed(text: str) -> str:
    return salted_hmac(SALT, text, algorithm="sha256").hexdigest()[:32]
