"""Argon2, at most twice at one moment in a process, and behind all other work: each hash takes 100 MB and every core
that it can get. Where everyone who knocks gets one, a dozen strangers leave nothing for whoever only reads a page."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.contrib.auth.hashers import Argon2PasswordHasher

from backend.accounts.errors import PasswordsBusy

AT_ONCE = 2
WAITING = 4
"""More are turned away: each that waits here holds a thread. Who signs in waits in the gateway, which costs none."""
WAIT = 5.0  # seconds
NICE = 10
"""On Linux a priority is a thread's own. Beside twelve strangers a public page takes a quarter of the time so."""

Given = ParamSpec("Given")
Result = TypeVar("Result")


def _step_back() -> None:
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)


_places = threading.BoundedSemaphore(AT_ONCE + WAITING)
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2", initializer=_step_back)


def run(hashing: Callable[Given, Result], *given: Given.args, **named: Given.kwargs) -> Result:
    """What `hashing` returns, once it is its turn. Raises PasswordsBusy."""
    if not _places.acquire(blocking=False):
        raise PasswordsBusy
    try:
        turn = _threads.submit(hashing, *given, **named)
        try:
            return turn.result(timeout=WAIT)
        except TimeoutError:
            if turn.cancel():
                raise PasswordsBusy from None
            return turn.result()  # it has begun
    finally:
        _places.release()


class Argon2Hasher(Argon2PasswordHasher):
    """All passwords pass here, also those of accounts that are not there."""

    def encode(self, password: str, salt: str) -> str:
        return run(super().encode, password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        return run(super().verify, password, encoded)
