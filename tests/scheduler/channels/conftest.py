"""An X-like server for the whole run, put back to a clean state before each test, and an adapter that talks to it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scheduler.channels.contract import Draft, Payload
from scheduler.channels.x.adapter import X
from scheduler.connections.adapter_context import adapter_context
from tests.servers import x_like
from tests.servers.control import Server, clean

LINK = "https://go.riverside.example.org/r/nurse-7"


def connected(address: str, **secrets: str) -> X:
    """An adapter for an address; single secrets can be replaced."""
    known = {
        "consumer_key": x_like.CONSUMER_KEY,
        "consumer_secret": x_like.CONSUMER_SECRET,
        "access_token": x_like.ACCESS_TOKEN,
        "access_token_secret": x_like.ACCESS_TOKEN_SECRET,
    }
    settings = X.Settings.model_validate({"api_base": address})
    return X(settings, X.Secrets.model_validate(known | secrets), adapter_context())  # type: ignore[arg-type]


@pytest.fixture
def server() -> Server:
    return clean("tests.servers.x_like")


@pytest.fixture
def connect() -> Callable[..., X]:
    return connected


@pytest.fixture
def x(server: Server, connect: Callable[..., X]) -> X:
    return connect(server.address)


@pytest.fixture
def payload(x: X) -> Payload:
    return x.compose(Draft(title="Nurse", text="Join our wards as a nurse.", link=LINK))
