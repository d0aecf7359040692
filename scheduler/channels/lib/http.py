"""What adapters over HTTP share: one call under a deadline, and what its end says about the post.

A call brings the answer that was asked for, or it fails; and a failed call is one of the two named failures by how far
it had come and what status it brought, not by which library noticed.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import requests

from scheduler.channels.contract import TOO_MANY_POSTS, CannotRead, Health, NotSent, OutcomeUnknown
from scheduler.channels.lib import recent_posts
from scheduler.net import answer, network
from scheduler.net.answer import UnexpectedResponse

T = TypeVar("T")
C = TypeVar("C")
"""What a call speaks through: a session, or a channel's own client library over it."""

REFUSALS = frozenset({301, 302, 307, 308, 400, 402, 403, 404, 405, 406, 409, 410, 411, 413, 414, 415, 422, 426, 451})
"""Answers after which the post is certainly not live; 401 and 429 have sentences of their own. 408 is not among them:
the request may have arrived."""
PREPARATION = 0.6
"""Share of the time that signing in and uploading may take; the rest is kept for the post, whose end must be known."""

POSTED = "posted"
TAKEN_DOWN = "taken down"


class Deadline:
    """Seconds that are left, for adapters that ask several questions in a row."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds

    def left(self) -> float:
        """At least a moment, so that what comes too late ends by its own time-out."""
        return max(0.01, self._ends_at - time.monotonic())

    def for_preparation(self) -> Deadline:
        return Deadline(self.left() * PREPARATION)


@dataclass(frozen=True)
class Meaning:
    """What a channel's answer says, as far as it says it in a shape that we know."""

    status: int | None
    explanation: str = ""
    retry_after: float | None = None
    is_duplicate: bool = False


class CallFailed(Exception):
    """The channel did not give the answer asked for: how far the call came, and what was said."""

    def __init__(self, call: network.Call, error: Exception, meaning: Meaning | None = None) -> None:
        super().__init__("no usable answer")
        meaning = meaning or Meaning(call.status)
        self.sent = call.sent
        self.response = call.response
        self.status = meaning.status
        self.retry_after = meaning.retry_after
        self.is_duplicate = meaning.is_duplicate
        self.explanation = " ".join(meaning.explanation.split())[:200]
        self.refused_address = _refusal_behind(error)
        self.too_many_posts = isinstance(error, recent_posts.TooManyPosts)


def _refusal_behind(error: BaseException | None) -> network.AddressRefused | None:
    """Libraries wrap what they do not know in errors of their own."""
    while error is not None and not isinstance(error, network.AddressRefused):
        error = error.__cause__ or error.__context__
    return error


def expect_status(response: requests.Response, *statuses: int) -> requests.Response:
    """The answer, if it has one of these statuses (any 2xx by default). Raises UnexpectedResponse."""
    if response.status_code in statuses or (not statuses and 200 <= response.status_code < 300):
        return response
    raise UnexpectedResponse(f"status {response.status_code}")


def _read(part: Callable[[requests.Response], T], response: requests.Response, otherwise: T) -> T:
    try:
        return part(response)
    except answer.ODD:  # it says this in another shape, or not at all
        return otherwise


class ChannelClient(ABC, Generic[C]):
    """Calls one channel. A subclass connects, and says what is special in the channel's answers."""

    label: str
    """Names the channel in sentences."""
    account = "the account"
    """Where a person looks."""

    def __init__(self, via: network.Network) -> None:
        self.network = via

    @abstractmethod
    def connect(self, session: requests.Session) -> C:
        """What the work speaks through; anew for each call, so that threads share nothing."""

    def explain(self, response: requests.Response) -> str:  # noqa: ARG002
        """The channel's own words in a refusal."""
        return ""

    def status(self, response: requests.Response) -> int:
        """The status that an answer stands for, where a channel says it by a code of its own."""
        return response.status_code

    def retry_after(self, response: requests.Response) -> float | None:
        """Seconds for which the channel wants to be left alone."""
        return answer.retry_after(response)

    def is_duplicate(self, response: requests.Response) -> bool:  # noqa: ARG002
        """Whether a refusal says that the text is there already."""
        return False

    def call(self, work: Callable[[C], T], timeout: float) -> T:
        """One question, or a few in a row that change nothing but the last. Raises CallFailed."""
        call = network.Call(self.network)

        def run() -> T:
            with call.session() as session:
                return work(self.connect(session))

        try:
            return call.run(run, timeout)
        except Exception as error:
            raise CallFailed(call, error, self._meaning(call)) from error

    def _meaning(self, call: network.Call) -> Meaning:
        """Each part is read by itself: an odd one takes nothing from the others, least of all from a refusal."""
        response = call.response
        if response is None:
            return Meaning(call.status)
        return Meaning(
            status=_read(self.status, response, call.status),
            explanation=answer.clean_text(str(_read(self.explain, response, ""))),
            retry_after=_read(self.retry_after, response, None),
            is_duplicate=_read(self.is_duplicate, response, False),
        )

    def prepare(self, work: Callable[[C], T], timeout: float) -> T:
        """A call such as the upload of a picture, before anything is live. Raises NotSent."""
        try:
            return self.call(work, timeout)
        except CallFailed as error:
            raise self.not_sent(error) from error

    def send(self, work: Callable[[C], T], timeout: float) -> T:
        """The call after which a post is live. Raises NotSent or OutcomeUnknown."""
        try:
            return self.call(work, timeout)
        except CallFailed as error:
            raise self.failure(error) from error

    def read(self, work: Callable[[C], T], timeout: float) -> T:
        """Raises CannotRead."""
        try:
            return self.call(work, timeout)
        except CallFailed as error:
            raise self.cannot_read(error) from error

    def delete(self, work: Callable[[C], object], timeout: float) -> None:
        """Gone already (404) is a success. Raises NotSent or OutcomeUnknown."""
        try:
            self.call(work, timeout)
        except CallFailed as error:
            if error.status != 404:
                raise self.failure(error, TAKEN_DOWN) from error

    def failure(self, error: CallFailed, done: str = POSTED) -> NotSent | OutcomeUnknown:
        """What the end of a call that changes something says about the post. `done` is POSTED or TAKEN_DOWN."""
        if done == POSTED and error.is_duplicate:
            return OutcomeUnknown(
                f"{self.label} says it already has this text, so the post may be live. Check {self.account}.",
                code="duplicate_hint",
            )
        if error.sent and (error.status is None or error.status not in REFUSALS | {401, 429}):
            return OutcomeUnknown(f"{self.label} did not give a clear reply, so we do not know if the post was {done}.")
        return self.not_sent(error, done)

    def not_sent(self, error: CallFailed, done: str = POSTED) -> NotSent:
        """The same for a call that only prepares: whatever came of it, nothing was posted."""
        if error.refused_address:
            return NotSent(f"Nothing was {done}: {error.refused_address}", code="address_refused", permanent=True)
        if error.status == 401:
            return NotSent(self.sign_in_again(), code="needs_sign_in", permanent=True)
        if error.status == 429:
            return NotSent(
                f"{self.label} is not accepting any more requests from us for now, so nothing was {done}.",
                code="rate_limited",
                retry_after=error.retry_after,
            )
        if error.status in REFUSALS:
            said = f" {self.label} says: {error.explanation}" if error.explanation else ""
            return NotSent(
                (f"{self.label} refused the request, so nothing was {done}.{said}"), code="refused", permanent=True
            )
        return NotSent(f"{self.label} could not be reached, so nothing was {done}.")

    def cannot_read(self, error: CallFailed) -> CannotRead:
        if error.refused_address:
            return CannotRead(str(error.refused_address), code="address_refused")
        if error.status == 401:
            return CannotRead(self.sign_in_again(), code="needs_sign_in")
        if error.too_many_posts:
            return CannotRead(
                f"There are too many newer posts on {self.label} for us to check. Check there and say if it is live.",
                code=TOO_MANY_POSTS,
            )
        return CannotRead(f"{self.label} did not give a reply we could use. Try again later.")

    def signed_out(self, error: CallFailed, *statuses: int) -> Health:
        """Of a check that failed: the sign-in has ended, by these statuses (401 by default). Raises CannotRead."""
        if error.status in (statuses or (401,)):
            return Health(ok=False, account="", message=self.sign_in_again())
        raise self.cannot_read(error) from error

    def sign_in_again(self) -> str:
        return f"{self.label} did not accept the access token. Connect the account again."

    def require_link(self, link: str) -> None:
        """Raises CannotRead without the tracked link by which a post is recognised."""
        if not link:
            raise CannotRead(
                f"We cannot recognise the post on {self.label} without a tracked link. Check {self.account}."
            )


class SessionClient(ChannelClient[requests.Session]):
    """Asks without a sign-in, by the bare session."""

    def __init__(self, label: str, via: network.Network) -> None:
        super().__init__(via)
        self.label = label

    def connect(self, session: requests.Session) -> requests.Session:
        return session
