"""Calls to an account's server, signed in. The session is shared by all workers of this process, and made anew when it
has ended."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import requests

from scheduler.channels.bluesky import record
from scheduler.channels.bluesky.settings import BlueskySecrets, BlueskySettings
from scheduler.channels.lib import http
from scheduler.net import answer, network

if TYPE_CHECKING:
    from scheduler.channels.bluesky.client import Client, Session

T = TypeVar("T")

ENDED = frozenset({"ExpiredToken", "InvalidToken"})
"""What a server says, with status 400, of a session that is over."""


class SessionCache:
    """The session of one connection in this process. Servers allow 30 sign-ins in 5 minutes and 300 a day."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.session: Session | None = None


_caches: dict[str, SessionCache] = {}
_caches_lock = threading.Lock()


class BlueskyAccount(http.ChannelClient["Client"]):
    label = "Bluesky"

    def __init__(self, via: network.Network, settings: BlueskySettings, secrets: BlueskySecrets) -> None:
        super().__init__(via)
        self._settings, self._password = settings, secrets.app_password
        names = (settings.pds, settings.handle, self._password.get_secret_value())
        identity = hashlib.sha256("\n".join(names).encode()).hexdigest()
        with _caches_lock:
            self.cache = _caches.setdefault(identity, SessionCache())

    def connect(self, session: requests.Session) -> Client:
        client: Client = record.sdk().Client(session, self._settings.pds)
        return client

    def explain(self, response: requests.Response) -> str:
        said = response.json()
        return answer.text_of(said.get("message") or said["error"])

    def retry_after(self, response: requests.Response) -> float | None:
        """The server tells the second when it takes calls again."""
        moment = answer.moment_of(response.headers.get("RateLimit-Reset"))
        return answer.seconds_until(moment) if moment else super().retry_after(response)

    def call_signed_in(self, work: Callable[[Client, Session], T], deadline: http.Deadline) -> T:
        """As the account; once more where the session turns out to have ended, for then nothing was done."""
        session = self.ensure_session(deadline)
        try:
            return self.call(lambda client: work(client, session), deadline.left())
        except http.CallFailed as error:
            if error.status != 401 and error_name(error) not in ENDED:
                raise
        fresh = self.ensure_session(deadline, ended=session)
        return self.call(lambda client: work(client, fresh), deadline.left())

    def ensure_session(self, deadline: http.Deadline, ended: Session | None = None) -> Session:
        """This process's session, made anew where there is none or it has ended. Raises CallFailed, of a call that
        published nothing."""
        cache = self.cache
        if not cache.lock.acquire(timeout=deadline.left()):
            raise http.CallFailed(network.Call(self.network), TimeoutError())
        try:
            if cache.session is None or cache.session is ended:
                cache.session = None
                cache.session = (ended and self._refresh(ended, deadline)) or self.call(self._sign_in, deadline.left())
            return cache.session
        except http.CallFailed as error:
            error.sent = False
            raise
        finally:
            cache.lock.release()

    def _sign_in(self, client: Client) -> Session:
        return client.sign_in(self._settings.handle, self._password.get_secret_value())

    def _refresh(self, ended: Session, deadline: http.Deadline) -> Session | None:
        try:
            return self.call(lambda client: client.refresh(ended), deadline.left())
        except http.CallFailed as error:
            if error.status in (400, 401, 403):
                return None
            raise


def error_name(error: http.CallFailed) -> str:
    """The name that the server gives what went wrong."""
    if error.status != 400 or error.response is None:
        return ""
    try:
        return answer.text_of(error.response.json()["error"])
    except answer.ODD:
        return ""
