"""What adapters over HTTP share: one question under a deadline, and what its end says about the post.

An answer is used, or it is trouble; and trouble is one of the two named failures by how far the call had come and what
status it brought, not by which library noticed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import requests

from scheduler.channels.contract import TOO_MANY_POSTS, CannotRead, NotSent, OutcomeUnknown
from scheduler.channels.lib import recent_posts
from scheduler.net import network

T = TypeVar("T")

REFUSALS = frozenset({301, 302, 307, 308, 400, 402, 403, 404, 405, 406, 409, 410, 411, 413, 414, 415, 422, 426, 451})
"""Answers after which the post is certainly not live; 401 and 429 have sentences of their own. 408 is not among them:
the request may have arrived."""

POSTED = "posted"
TAKEN_DOWN = "taken down"


class Deadline:
    """Seconds that are left, for adapters that ask several questions in a row."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds

    def left(self) -> float:
        """At least a moment, so that what comes too late ends by its own time-out."""
        return max(0.01, self._ends_at - time.monotonic())


class CallFailed(Exception):
    """The channel did not give the answer asked for: how far the call came, and what was said."""

    def __init__(self, call: network.Call, error: Exception, said: str = "") -> None:
        super().__init__("no usable answer")
        self.sent = call.sent
        self.response = call.response
        self.status = None if call.response is None else call.response.status_code
        self.refused_address = _refusal_behind(error)
        self.too_many_posts = isinstance(error, recent_posts.TooManyPosts)
        self.explanation = " ".join(said.split())[:200]


def _refusal_behind(error: BaseException | None) -> network.AddressRefused | None:
    """Libraries wrap what they do not know in errors of their own."""
    while error is not None and not isinstance(error, network.AddressRefused):
        error = error.__cause__ or error.__context__
    return error


class UnexpectedResponse(Exception):
    """Raised by the work: this answer is not what was asked for."""


def retry_after(response: requests.Response) -> float | None:
    """Seconds, from the Retry-After of an answer, in either of its forms (RFC 9110, section 10.2.3)."""
    given = response.headers.get("Retry-After", "").strip()
    if given.isdecimal():
        return float(given)
    try:
        return max(0.0, (parsedate_to_datetime(given) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


@dataclass(frozen=True)
class ChannelClient:
    """Asks one channel, which `label` names in sentences. `explain` finds the channel's own words in a refusal, `wait`
    the seconds for which it wants to be left alone."""

    label: str
    via: network.Network
    explain: Callable[[requests.Response], str] = lambda response: ""  # noqa: ARG005
    wait: Callable[[requests.Response], float | None] = retry_after

    def ask(self, work: Callable[[requests.Session], T], timeout: float) -> T:
        """One question, or a few in a row that change nothing but the last. Raises CallFailed."""
        call = network.Call(self.via)

        def work_and_close() -> T:
            with call.session() as session:
                return work(session)

        try:
            return call.run(work_and_close, timeout)
        except Exception as error:
            raise CallFailed(call, error, self._said(call)) from error

    def _said(self, call: network.Call) -> str:
        try:
            return self.explain(call.response) if call.response is not None else ""
        except (ValueError, KeyError, TypeError, AttributeError):  # it explains itself in another shape
            return ""

    def failure(self, error: CallFailed, done: str = POSTED) -> NotSent | OutcomeUnknown:
        """What the end of a call that changes something says about the post. `done` is POSTED or TAKEN_DOWN."""
        if error.sent and (error.status is None or error.status not in REFUSALS | {401, 429}):
            return OutcomeUnknown(f"{self.label} gave no clear answer, so it is not known whether the post was {done}.")
        return self.not_sent(error, done)

    def not_sent(self, error: CallFailed, done: str = POSTED) -> NotSent:
        """The same for a call that only prepares, such as the upload of a picture: whatever came of it, nothing was
        posted."""
        if error.refused_address:
            return NotSent(f"Nothing was {done}: {error.refused_address}", code="address_refused", permanent=True)
        if error.status == 401:
            return NotSent(self.sign_in_again(), code="needs_sign_in", permanent=True)
        if error.response is not None and error.status == 429:
            return NotSent(
                f"{self.label} takes no more calls from us for now, so nothing was {done}.",
                code="rate_limited",
                retry_after=self.wait(error.response),
            )
        if error.status in REFUSALS:
            said = f" {self.label} says: {error.explanation}" if error.explanation else ""
            return NotSent(f"{self.label} refused, so nothing was {done}.{said}", code="refused", permanent=True)
        return NotSent(f"{self.label} could not be reached, so nothing was {done}.")

    def cannot_read(self, error: CallFailed) -> CannotRead:
        if error.refused_address:
            return CannotRead(str(error.refused_address), code="address_refused")
        if error.status == 401:
            return CannotRead(self.sign_in_again(), code="needs_sign_in")
        if error.too_many_posts:
            return CannotRead(
                f"There are too many newer posts on {self.label} to go through. Look there and say if it is live.",
                code=TOO_MANY_POSTS,
            )
        return CannotRead(f"{self.label} gave no usable answer, so nothing is known. Try again later.")

    def sign_in_again(self) -> str:
        return f"{self.label} no longer accepts this sign-in. Connect the account again."


def expect_status(response: requests.Response, *wanted: int) -> requests.Response:
    """The answer, if it has one of these statuses (any 2xx by default). Raises UnexpectedResponse."""
    if response.status_code in wanted or (not wanted and 200 <= response.status_code < 300):
        return response
    raise UnexpectedResponse(f"status {response.status_code}")
