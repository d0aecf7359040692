"""Whatever a channel answers: what an adapter makes of it has a name, a refusal stays one, and all of it can be stored
and shown."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from backend.accounts.models import User
from scheduler.channels import registry
from scheduler.channels.contract import (
    LONGEST_WAIT,
    Adapter,
    CannotRead,
    ChannelError,
    Draft,
    Health,
    NotSent,
    OutcomeUnknown,
    Receipt,
)
from scheduler.channels.lib.sign_in import App, AuthorizationContext, SignInFailed
from scheduler.connections import authorization
from scheduler.connections import services as connections
from scheduler.connections.adapter_context import adapter_context
from tests import factories
from tests.conftest import Api
from tests.console.speaking import Console
from tests.scheduler.channels.remote_channel import plain_document
from tests.scheduler.channels.test_contract import LINK, new_key, picture
from tests.servers import odd_answers
from tests.servers.odd_answers import OddAnswer, OddServer

TIMEOUT = 15.0
"""Seconds, on a busy machine: the server answers at once and hangs up."""
PATIENCE = 0.6
"""Seconds to send in, where an answer is a success: Mastodon asks until the deadline whether a picture is ready."""
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
APP = {"client_id": "app", "client_secret": "s3cret"}
CONNECTIONS: dict[str, Callable[[str], tuple[dict[str, Any], dict[str, str]]]] = {
    "x": lambda at: (
        {"api_base": at},
        dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_token_secret"), "k"),
    ),
    "linkedin": lambda at: (
        {"organization_id": "7", "api_base": at, "oauth_base": at},
        {"access_token": "t", "refresh_token": "r", **APP},
    ),
    "facebook": lambda at: (
        {"page_id": "7", "api_base": at, "oauth_base": at},
        {"access_token": "t", "app_id": "a", "app_secret": "s"},
    ),
    "mastodon": lambda at: ({"instance": at}, {"access_token": "t"}),
    "bluesky": lambda at: ({"handle": "riverside.example.org", "pds": at}, {"app_password": "abcd-efgh-ijkl-mnop"}),
    "wordpress": lambda at: ({"address": at, "username": "jo"}, {"application_password": "p"}),
    "slack": lambda at: ({"channel_id": "C0123456789", "api_base": at}, {"bot_token": "t"}),
    "teams": lambda at: ({}, {"address": f"{at}/workflow"}),
    "webhook": lambda at: ({"address": f"{at}/hook"}, {"signing_secret": SECRET}),
}
"""Settings and secrets of a connection to a server at this address."""
RECEIPTS = {"wordpress": Receipt("7", "https://blog.example.org/7"), "slack": Receipt("C0123456789:7.1", "")}

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def server() -> Iterator[OddServer]:
    with odd_answers.running() as found:
        yield found


@pytest.fixture(params=list(CONNECTIONS))
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def connected(kind: str, address: str) -> Adapter:
    settings, secrets = CONNECTIONS[kind](address)
    adapter = registry.build(kind, settings=settings, secrets=secrets, context=adapter_context())
    assert adapter is not None
    return adapter


def storable(*texts: str) -> None:
    for text in texts:
        text.encode()
        assert "\x00" not in text
        assert len(text) <= 1_000


def given(server: OddServer, *statuses: int) -> Iterator[OddAnswer]:
    """Each odd answer, while the server gives it to everything."""
    for each in odd_answers.odd_answers(*statuses):
        server.says = each.raw
        yield each


def outcome_of(answer: OddAnswer, act: Callable[[], Any], *named: type[ChannelError]) -> Any:
    """What came of it; anything but an outcome or a failure with a name is told with the answer that led to it."""
    try:
        return act()
    except named as failure:
        storable(str(failure), failure.code)
        return failure
    except Exception as error:
        raise AssertionError(f"without a name: {answer.name}") from error


def check_refusal(answer: OddAnswer, outcome: Any) -> None:
    """A refusal is one whatever else is odd in it."""
    if answer.status in (302, 403):
        assert isinstance(outcome, NotSent), (answer.name, outcome)
        assert outcome.permanent, (answer.name, outcome)
    if answer.status == 429:
        assert isinstance(outcome, NotSent), (answer.name, outcome)
        assert not outcome.permanent, (answer.name, outcome)
        assert outcome.retry_after is None or 0.0 <= outcome.retry_after <= LONGEST_WAIT


def asks_over_http(adapter: Any) -> bool:
    modules = Path(inspect.getfile(adapter)).parent.glob("*.py")
    return any("scheduler.channels.lib import http" in module.read_text() for module in modules)


def test_every_channel_that_is_asked_over_http_is_among_these() -> None:
    asked = {kind for kind, adapter in registry.adapter_classes().items() if asks_over_http(adapter)}
    assert set(CONNECTIONS) == asked


def test_a_check(kind: str, server: OddServer) -> None:
    for answer in given(server):
        adapter = connected(kind, server.address)
        health = outcome_of(answer, lambda: adapter.check(timeout=TIMEOUT), CannotRead)  # noqa: B023
        if isinstance(health, Health):
            storable(health.account, health.message)
            assert answer.status == 200 or not health.ok


@pytest.mark.parametrize("pictures", [0, 1])
def test_a_post(kind: str, server: OddServer, pictures: int) -> None:
    for answer in given(server):
        adapter = connected(kind, server.address)
        if pictures and adapter.abilities.pictures is None:
            pytest.skip("takes no pictures")
        words = "Join our wards."
        shown = (picture("A ward"),) * pictures
        payload = adapter.compose(Draft("Nurse", words, LINK, document=plain_document(words), pictures=shown))
        seconds = PATIENCE if answer.status == 200 else TIMEOUT
        outcome = outcome_of(
            answer,
            lambda: adapter.send(payload, key=new_key(), timeout=seconds),  # noqa: B023
            NotSent,
            OutcomeUnknown,
        )
        if isinstance(outcome, Receipt):
            assert answer.status == 200
            storable(outcome.remote_id, outcome.url)
            assert not outcome.url or outcome.url.startswith(("https://", "http://"))
        check_refusal(answer, outcome)


def test_a_look_for_a_post(kind: str, server: OddServer) -> None:
    for answer in given(server):
        adapter = connected(kind, server.address)
        found = outcome_of(
            answer,
            lambda: adapter.find(key=new_key(), link=LINK, timeout=TIMEOUT),  # noqa: B023
            CannotRead,
        )
        if isinstance(found, Receipt):
            storable(found.remote_id, found.url)
        assert found is not None or answer.status == 200, answer.name


def test_a_takedown(kind: str, server: OddServer) -> None:
    receipt = RECEIPTS.get(kind, Receipt("urn:li:share:7", "https://example.org/7"))
    for answer in given(server):
        adapter = connected(kind, server.address)
        outcome = outcome_of(answer, lambda: adapter.delete(receipt, timeout=TIMEOUT), NotSent, OutcomeUnknown)  # noqa: B023
        if adapter.abilities.deletes:
            check_refusal(answer, outcome)


def test_a_renewal(server: OddServer) -> None:
    for answer in given(server, 200, 400, 403):
        adapter: Any = connected("linkedin", server.address)
        secrets = outcome_of(answer, lambda: adapter.refresh(timeout=TIMEOUT), NotSent, OutcomeUnknown)  # noqa: B023
        if isinstance(secrets, dict):
            adapter.Secrets.model_validate(secrets)
        else:
            assert secrets.code == "needs_sign_in" or answer.status != 400


@pytest.mark.parametrize(
    "kind", [kind for kind in CONNECTIONS if hasattr(registry.find_adapter_class(kind), "sign_in")]
)
def test_a_sign_in(kind: str, server: OddServer) -> None:
    sign_in, settings = registry.find_adapter_class(kind).sign_in, CONNECTIONS[kind](server.address)[0]
    model = registry.find_adapter_class(kind).Settings
    context = AuthorizationContext(
        model.model_validate(settings).model_dump(), App("app", "s3cret"), "https://promenade.example.org/oauth/callback",
        adapter_context().network, TIMEOUT,
    )  # fmt: skip
    handshake = {"oauth_token": "t", "oauth_token_secret": "s", "code_verifier": "v", **APP}
    back = {"code": "c", "oauth_token": "t", "oauth_verifier": "v"}
    for answer in given(server, 200, 400):
        begun = outcome_of(answer, lambda: sign_in.begin(context, state="s"), SignInFailed)
        if not isinstance(begun, SignInFailed):
            begun.address.encode()
        credentials = outcome_of(
            answer, lambda: sign_in.finish(context, handshake=handshake, answer=back), SignInFailed
        )
        if not isinstance(credentials, SignInFailed):
            assert all(value.encode() and "\x00" not in value for value in credentials.secrets.values())


def test_a_check_by_people_and_programs(kind: str, server: OddServer, api: Api, comms: User) -> None:
    """Never an error of ours; and both can read afterwards what came of it."""
    audience = registry.find_adapter_class(kind).reaches.replace("either", "public")
    channel = factories.channel(name=kind, category="social", audience=audience)
    settings, secrets = CONNECTIONS[kind](server.address)
    connections.connect_channel(channel=channel, kind=kind, settings=settings, secrets=secrets)
    console, program = Console(comms), api.as_("comms")
    for number, answer in enumerate(given(server, 200)):
        if number % 4 == 0:
            told = (program.post(f"/channels/{channel.pk}/connection/check"), answer.name)
            assert told[0].status_code == 200, told
        if number % 16 == 1:
            assert console.send(f"/channels/{channel.pk}/check")[0] == 302, answer.name
            assert console.see(f"/channels/{channel.pk}")


@pytest.mark.parametrize("kind", ["linkedin", "facebook", "mastodon"])
def test_a_sign_in_by_a_person(kind: str, server: OddServer, admin: User, settings: Any) -> None:
    """However it ends, it ends with a page."""
    settings.SIGN_IN_APPS = dict.fromkeys(("linkedin", "facebook"), ("app", "s3cret"))
    channel, browser = factories.channel(name=kind, category="social"), Client()
    browser.force_login(admin)
    registered = odd_answers.written(200, "", b'{"client_id": "app", "client_secret": "s3cret"}')
    for number, answer in enumerate(odd_answers.odd_answers(200, 400)):
        if number % 4:
            continue
        server.says = registered
        address, _ = authorization.start(
            channel=channel,
            kind=kind,
            settings=CONNECTIONS[kind](server.address)[0],
            redirect_uri="https://promenade.example.org/oauth/callback",
            by=admin,
        )
        server.says = answer.raw
        back = {"state": dict(parse_qsl(urlsplit(address).query))["state"], "code": "c"}
        assert browser.get("/oauth/callback", back).status_code < 500, answer.name
