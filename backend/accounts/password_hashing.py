"""Argon2, at most twice at one moment in a process: each hash takes 100 MB and a whole core for a while. Where everyone
who knocks gets one, a dozen strangers leave nothing for whoever only reads a page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from django.contrib.auth.hashers import Argon2PasswordHasher

from backend.accounts.errors import PasswordsBusy

AT_ONCE = 2
WAITING = 4
"""More are turned away: each that waits here holds a thread. Who signs in waits in the gateway, which costs none."""
WAIT = 5.0  # seconds

_places = BoundedSemaphore(AT_ONCE + WAITING)
_hashing = BoundedSemaphore(AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """Raises PasswordsBusy."""
    if not _places.acquire(blocking=False):
        raise PasswordsBusy
    try:
        if not _hashing.acquire(timeout=WAIT):
            raise PasswordsBusy
        try:
            yield
        finally:
            _hashing.release()
    finally:
        _places.release()


class Argon2Hasher(Argon2PasswordHasher):
    """All passwords pass here, also those of accounts that are not there."""

    def encode(self, password: str, salt: str) -> str:
        with turn():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with turn():
            return super().verify(password, encoded)
