"""The named cast, a clock that stands still, and a client for the API."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.signals import setting_changed
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler
from django.test.utils import override_settings
from django.utils import timezone

from backend.accounts.models import ApiKey, User
from backend.accounts.services import create_api_key
from campaigns.planning import organisation_clock as planning_clock
from campaigns.planning.models import Organisation
from campaigns.planning.services import organisation as organisation_services
from scheduler.channels import registry
from scheduler.channels.contract import Abilities
from scheduler.leases import database_clock as scheduler_clock
from tests import factories
from tests.adapter import Remote, Told
from tests.servers.running import KEPT

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning, in winter time."""
PREFIX = "/api/v1"


class Api:
    """Speaks to the API as one key, or as nobody. Paths are written as under /api/v1."""

    def __init__(self, secret: str = "", keys: dict[Any, str] | None = None) -> None:
        self.secret = secret
        self._keys = {} if keys is None else keys
        self._client = Client()

    def as_(self, who: User | str) -> Api:
        """With a key of this person, or of a program with this role; asked again, with the same key."""
        known = who if isinstance(who, str) else who.pk
        if known not in self._keys:
            role = who if isinstance(who, str) else who.role
            key, self._keys[known] = create_api_key(name=f"{role} program", role=role)
            if isinstance(who, User):
                ApiKey.objects.filter(pk=key.pk).update(user=who)
        return Api(self._keys[known], self._keys)

    def get(self, path: str, /, *, headers: dict[str, str] | None = None, **query: Any) -> HttpResponse:
        return self._client.get(self._address(path), query, headers=self._headers(headers))

    def post(self, path: str, /, body: Any = None, **options: Any) -> HttpResponse:
        return self.send("POST", path, body, **options)

    def patch(self, path: str, /, body: Any = None, **options: Any) -> HttpResponse:
        return self.send("PATCH", path, body, **options)

    def put(self, path: str, /, body: Any = None, **options: Any) -> HttpResponse:
        return self.send("PUT", path, body, **options)

    def delete(self, path: str, /, **options: Any) -> HttpResponse:
        return self.send("DELETE", path, **options)

    def send(
        self,
        method: str,
        path: str,
        /,
        body: Any = None,
        *,
        raw: bytes | None = None,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
    ) -> HttpResponse:
        """`body` as JSON; `raw` as it is; neither: an empty body."""
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        return self._client.generic(
            method, self._address(path), data, content_type=content_type, headers=self._headers(headers)
        )

    def upload(self, path: str, /, *, headers: dict[str, str] | None = None, **form: Any) -> HttpResponse:
        """POST as multipart/form-data."""
        return self._client.post(self._address(path), form, headers=self._headers(headers))

    def _address(self, path: str) -> str:
        return path if path.startswith("/api/") else f"{PREFIX}{path}"

    def _headers(self, more: dict[str, str] | None) -> dict[str, str]:
        mine = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        return mine | (more or {})


@pytest.fixture(autouse=True, scope="session")
def _quick_passwords() -> Iterator[None]:
    with override_settings(PASSWORD_HASHERS=["tests.hashing.QuickArgon2"]):
        yield


@pytest.fixture(autouse=True, scope="session")
def _clients_share_the_middleware() -> Iterator[None]:
    """As all requests of a process do, and loaded anew where a test changes a setting: it looks at every static file,
    which takes longer than most requests."""
    load, loaded = ClientHandler.load_middleware, dict[str, Any]()

    def share(handler: ClientHandler) -> None:
        if not loaded:
            load(handler)
            loaded.update(
                {name: part for name, part in vars(handler).items() if name.endswith(("_middleware", "_chain"))}
            )
        vars(handler).update(loaded)

    def forget(**_: Any) -> None:
        loaded.clear()

    setting_changed.connect(forget)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "load_middleware", share)
        yield
    setting_changed.disconnect(forget)


@pytest.fixture(autouse=True, scope="session")
def database_clock() -> Iterator[Callable[[], datetime]]:
    """A clock that a test stops or moves is PostgreSQL's too. Yields the product's own, which asks the database."""
    own = scheduler_clock.database_now
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scheduler_clock, "database_now", timezone.now)
        yield own


@pytest.fixture(autouse=True, scope="session")
def _kept_servers_stop_at_the_end() -> Iterator[None]:
    yield
    KEPT.close()


@pytest.fixture(autouse=True)
def _zone_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a process that runs for a while, so that no test counts the reading of it. What changes it is followed."""
    monkeypatch.setattr(planning_clock, "_remembered", (math.inf, ZoneInfo("Europe/London")))


@pytest.fixture
def organisation_in(db: None, django_capture_on_commit_callbacks: Any) -> Callable[[str], None]:
    """Moves the organisation to another time zone."""

    def move(zone: str) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            organisation_services.change_organisation(organisation=Organisation.current(), changes={"zone": zone})

    return move


@pytest.fixture(scope="module")
def module_db(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Rows that all tests of a module start from are made once: each test takes back what it does, and the end of the
    module takes back those rows. Until then the clock stands at its first moment."""
    with django_db_blocker.unblock(), transaction.atomic(), time_machine.travel(NOW, tick=False):
        yield
        transaction.set_rollback(True)


@pytest.fixture
def api(db: None) -> Api:
    """Say who acts: `api.as_("comms")`, `api.as_(approver)`."""
    return Api()


@pytest.fixture
def outsider(api: Api) -> Api:
    """Somebody who has not signed in."""
    return Api()


@pytest.fixture
def comms(db: None) -> User:
    return factories.person("comms")


@pytest.fixture
def approver(db: None) -> User:
    return factories.person("approver")


@pytest.fixture
def hr(db: None) -> User:
    return factories.person("hr")


@pytest.fixture
def manager(db: None) -> User:
    """Reads plans and reports, and changes nothing."""
    return factories.person("reader")


@pytest.fixture
def admin(db: None) -> User:
    return factories.person("admin")


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Monday 2 March 2026, 09:00 UTC, until a test says `clock.move_to(…)` or `clock.shift(…)`."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> Remote:
    """A kind of channel whose adapter does what the test tells it: see tests/factories/publishing.py."""
    Told.remote = Remote()
    monkeypatch.setitem(registry.ADAPTERS, "told", Told)
    monkeypatch.setattr(Told, "abilities", Abilities(reads_back=True, deletes=True, settling=0.0))
    return Told.remote
