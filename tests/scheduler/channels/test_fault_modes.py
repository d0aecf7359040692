"""Each way in which a server that we cannot install can fail, on each channel that has one of its own process: what
the engine is told of it, and what is live."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator
from typing import Any

import pytest

from scheduler.channels.contract import CannotRead, NotSent, OutcomeUnknown
from tests.scheduler.channels.test_contract import LINK, TIMEOUT, draft, new_key

CHANNELS = ("x", "linkedin", "facebook", "slack", "teams")
READABLE = ("x", "linkedin", "facebook", "slack")
REFUSING_REPEATS = ("x", "linkedin", "facebook")
PUBLISHED_UNCLEARLY = ("accept_then_hang", "accept_then_drop", "502_after", "trickle", "slow")
ANSWERED_LATE = ("accept_then_hang", "trickle", "slow")
SHORT, LONG = 1.5, 2.0
"""Seconds: a deadline that leaves a busy machine time to connect, and a slow answer that misses it."""

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", params=CHANNELS)
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Any]]:
    module = importlib.import_module(f"tests.scheduler.channels.test_{request.param}")
    with module.remote_channel(tmp_path_factory.mktemp(request.param)) as remote:
        yield request.param, remote


@pytest.fixture
def kind(running: tuple[str, Any]) -> str:
    return running[0]


@pytest.fixture
def remote(running: tuple[str, Any]) -> Any:
    """In a clean state."""
    running[1].server.reset()
    return running[1]


def send(remote: Any, timeout: float = TIMEOUT, key: str = "") -> Any:
    adapter = remote.adapter()
    return adapter.send(adapter.compose(draft(remote)), key=key or new_key(), timeout=timeout)


def find(remote: Any, key: str) -> Any:
    return remote.adapter().find(key=key, link=LINK, timeout=TIMEOUT)


@pytest.mark.parametrize("fault", PUBLISHED_UNCLEARLY)
def test_a_post_that_is_out_without_a_clear_answer_is_unknown_in_time_and_found(
    kind: str, remote: Any, fault: str
) -> None:
    deadline = SHORT if fault in ANSWERED_LATE else TIMEOUT
    remote.server.go_wrong(fault, seconds=LONG)
    key, started = new_key(), time.monotonic()
    with pytest.raises(OutcomeUnknown):
        send(remote, deadline, key)
    assert time.monotonic() - started < deadline + 0.4

    time.sleep(max(0.0, started + LONG + 0.2 - time.monotonic()) if fault == "slow" else 0.0)
    assert len(remote.posts()) == 1
    if kind in READABLE:
        assert find(remote, key).remote_id


@pytest.mark.parametrize("fault", ["malformed_200", "empty_200"])
def test_a_body_that_makes_no_sense_is_unknown_unless_the_status_says_it_all(
    kind: str, remote: Any, fault: str
) -> None:
    key = new_key()
    remote.server.go_wrong(fault)
    if kind == "teams":  # its body holds nothing
        assert send(remote, key=key).remote_id == key
        return
    with pytest.raises(OutcomeUnknown):
        send(remote, key=key)
    assert find(remote, key).remote_id


def test_an_error_of_the_server_may_or_may_not_have_published(kind: str, remote: Any) -> None:
    key = new_key()
    remote.server.go_wrong("500_before")
    with pytest.raises(OutcomeUnknown):
        send(remote, key=key)
    assert remote.posts() == []
    if kind in READABLE:
        assert find(remote, key) is None


def test_a_slow_answer_within_the_deadline_is_a_success(remote: Any) -> None:
    remote.server.go_wrong("slow", seconds=0.3)
    assert send(remote).remote_id
    assert len(remote.posts()) == 1


def test_too_many_requests_say_when_to_come_back(remote: Any) -> None:
    remote.go_wrong("busy")
    with pytest.raises(NotSent) as refusal:
        send(remote)
    assert refusal.value.code == "rate_limited"
    assert 4 <= (refusal.value.retry_after or 0.0) <= 8
    assert remote.posts() == []


def test_a_sign_in_that_is_taken_back_is_told(remote: Any) -> None:
    remote.server.go_wrong("401")
    with pytest.raises(NotSent) as refusal:
        send(remote)
    assert refusal.value.code == "needs_sign_in"
    assert remote.posts() == []


def test_a_text_that_is_there_already_is_not_published_again(kind: str, remote: Any) -> None:
    if kind not in REFUSING_REPEATS:
        pytest.skip("takes a text again")
    key = new_key()
    first = send(remote, key=key)
    with pytest.raises(OutcomeUnknown) as hint:
        send(remote, key=key)
    assert hint.value.code == "duplicate_hint"
    assert find(remote, key) == first


def test_reading_that_lags_finds_the_post_later(kind: str, remote: Any) -> None:
    if kind not in READABLE:
        pytest.skip("cannot be read back; a person looks")
    key = new_key()
    remote.server.go_wrong(read_lag=0.8)
    receipt = send(remote, key=key)
    assert find(remote, key) is None
    time.sleep(0.9)
    assert find(remote, key) == receipt


def test_reading_that_is_out_says_nothing_about_the_post(kind: str, remote: Any) -> None:
    if kind not in READABLE:
        pytest.skip("cannot be read back; a person looks")
    key = new_key()
    send(remote, key=key)
    remote.server.go_wrong(read_outage=True)
    with pytest.raises(CannotRead):
        find(remote, key)
