"""X over the network: every way in which a call can end gets its right name, within the deadline."""

from __future__ import annotations

import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from pydantic import ValidationError

from scheduler.channels.contract import Adapter, CannotRead, ChannelError, Draft, NotSent, OutcomeUnknown, Payload
from scheduler.channels.x.adapter import X
from tests.scheduler.channels.conftest import LINK, connected
from tests.scheduler.channels.remote_channel import (
    ALL_FAULTS,
    SERVER_FAULTS,
    Fault,
    RemotePost,
    WordsDocument,
    plain_document,
)
from tests.servers import x_like
from tests.servers.control import Server, clean
from tests.servers.faults import UNCLEAR
from tests.servers.running import running

SECRETS = (x_like.CONSUMER_SECRET, x_like.ACCESS_TOKEN_SECRET)


class RemoteX:
    """X, as its own side sees it."""

    faults = ALL_FAULTS
    signs_in = True

    def __init__(self, server: Server) -> None:
        self.server = server

    def adapter(self, *, signed_in: bool = True) -> X:
        return connected(self.server.address, **({} if signed_in else {"access_token_secret": "ended"}))

    def go_wrong(self, fault: Fault) -> None:
        self.server.go_wrong(SERVER_FAULTS[fault], seconds=7)

    def posts(self) -> list[RemotePost]:
        return [
            RemotePost(post["text"], tuple(post["alt_texts"])) for post in self.server.posts() if not post["deleted"]
        ]

    def document(self, text: str) -> WordsDocument:
        return plain_document(text)


@contextmanager
def remote_channel(_: Path) -> Iterator[RemoteX]:
    yield RemoteX(clean("tests.servers.x_like"))


@contextmanager
def at_most(seconds: float) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds


def send(x: X, payload: Payload, timeout: float = 5.0) -> Any:
    return x.send(payload, key="publication-7", timeout=timeout)


def find(x: X, link: str = LINK, timeout: float = 5.0) -> Any:
    return x.find(key="publication-7", link=link, timeout=timeout)


def wait_for_threads() -> None:
    for thread in threading.enumerate():
        if thread.name == "call":
            thread.join(5)


def test_x_fulfils_the_contract(x: X) -> None:
    adapter: Adapter = x
    assert (adapter.kind, adapter.label) == ("x", "X")
    assert (adapter.abilities.reads_back, adapter.abilities.deletes) == (True, True)


def test_post_is_accepted_signed_and_once(x: X, server: Server, payload: Payload) -> None:
    receipt = send(x, payload)
    (post,) = server.posts()
    assert (post["id"], post["text"]) == (receipt.remote_id, payload.text)
    assert receipt.url == f"https://x.com/i/web/status/{receipt.remote_id}"


def test_text_arrives_letter_for_letter(x: X, server: Server) -> None:
    payload = x.compose(Draft(title="", text="Über 👩‍⚕️ – انضم إلينا\n“now” & then <b>", link=LINK))
    send(x, payload)
    assert server.posts()[0]["text"] == payload.text


@pytest.mark.parametrize("fault", UNCLEAR)
def test_post_published_without_a_clear_answer_is_unknown_and_found_again(
    x: X, server: Server, payload: Payload, fault: str
) -> None:
    server.go_wrong(fault)
    with at_most(1.5), pytest.raises(OutcomeUnknown, match="do not know if") as failed:
        send(x, payload, timeout=1.0)
    assert failed.value.code == "outcome_unknown"
    found = find(x)
    assert [post["id"] for post in server.posts()] == [found.remote_id]


def test_server_error_before_publishing_is_unknown_too(x: X, server: Server, payload: Payload) -> None:
    server.go_wrong("500_before")
    with pytest.raises(OutcomeUnknown):
        send(x, payload)
    assert find(x) is None


def test_slow_answer_within_the_deadline_is_a_success(x: X, server: Server, payload: Payload) -> None:
    server.go_wrong("slow", seconds=0.5)
    assert send(x, payload).remote_id


def test_slow_answer_beyond_the_deadline_is_unknown(x: X, server: Server, payload: Payload) -> None:
    server.go_wrong("slow", seconds=1.5)
    with at_most(0.8), pytest.raises(OutcomeUnknown):
        send(x, payload, timeout=0.5)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("refuse_400", "refused"),
        ("402", "refused"),
        ("403", "refused"),
        ("redirect", "refused"),
        ("401", "needs_sign_in"),
    ],
)
def test_refusal_is_permanent_and_nothing_is_live(
    x: X, server: Server, payload: Payload, fault: str, code: str
) -> None:
    server.go_wrong(fault)
    with pytest.raises(NotSent) as failed:
        send(x, payload)
    assert (failed.value.code, failed.value.permanent) == (code, True)
    assert server.posts() == []


def test_refusal_repeats_what_x_said(x: X, server: Server, payload: Payload) -> None:
    server.go_wrong("403")
    with pytest.raises(NotSent, match="You are not permitted to perform this action"):
        send(x, payload)


def test_rate_limit_says_when_to_try_again(x: X, server: Server, payload: Payload) -> None:
    server.go_wrong("429", seconds=90)
    with pytest.raises(NotSent) as failed:
        send(x, payload)
    assert failed.value.permanent is False
    assert failed.value.retry_after == pytest.approx(90, abs=3)


def test_repeated_text_hints_that_the_post_is_live(x: X, payload: Payload) -> None:
    first = send(x, payload)
    with pytest.raises(OutcomeUnknown) as failed:
        send(x, payload)
    assert failed.value.code == "duplicate_hint"
    assert find(x) == first


@pytest.mark.parametrize("secret", ["consumer_key", "consumer_secret", "access_token", "access_token_secret"])
def test_wrong_secret_needs_a_new_sign_in(
    connect: Callable[..., X], server: Server, payload: Payload, secret: str
) -> None:
    x = connect(server.address, **{secret: "wrong"})
    with pytest.raises(NotSent) as failed:
        send(x, payload)
    assert (failed.value.code, failed.value.permanent) == ("needs_sign_in", True)
    with pytest.raises(CannotRead, match="Connect the account again"):
        find(x)
    health = x.check(timeout=5)
    assert not health.ok
    assert health.message == "X did not accept the access token. Connect the account again."


def test_signature_for_x_itself_covers_the_address_called(
    connect: Callable[..., X], payload: Payload, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = []

    def refuse(adapter: object, request: requests.PreparedRequest, **options: object) -> None:
        called.append(request)
        raise requests.ConnectionError

    monkeypatch.setattr("requests.adapters.HTTPAdapter.send", refuse)
    with pytest.raises(NotSent):
        send(connect("https://api.x.com/"), payload)
    (request,) = called
    assert request.url == "https://api.x.com/2/tweets"
    authorization = request.headers["Authorization"]
    assert x_like.signature_is_good("POST", "/2/tweets", authorization, address="https://api.x.com")
    assert not x_like.signature_is_good("POST", "/2/tweets", authorization)


def test_connection_refused_is_not_sent(connect: Callable[..., X], payload: Payload) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        address = f"http://127.0.0.1:{closed_soon.getsockname()[1]}"
    with pytest.raises(NotSent) as failed:
        send(connect(address), payload)
    assert failed.value.permanent is False


def test_unknown_host_is_not_sent(connect: Callable[..., X], payload: Payload, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*arguments: object, **options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSent):
        send(connect("http://x.invalid"), payload)


def test_failed_tls_is_not_sent(connect: Callable[..., X], server: Server, payload: Payload) -> None:
    with pytest.raises(NotSent):
        send(connect(server.address.replace("http:", "https:")), payload)


def test_stalled_tls_is_not_sent_and_keeps_the_deadline(connect: Callable[..., X], payload: Payload) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        x = connect(f"https://127.0.0.1:{silent.getsockname()[1]}")
        with at_most(1.0), pytest.raises(NotSent):
            send(x, payload, timeout=0.5)
        wait_for_threads()


def test_stalled_name_look_up_keeps_the_deadline_and_never_sends_late(
    x: X, server: Server, payload: Payload, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_up = socket.getaddrinfo

    def stall(*arguments: Any, **options: Any) -> Any:
        time.sleep(1.0)
        return look_up(*arguments, **options)

    with monkeypatch.context() as stalled:
        stalled.setattr(socket, "getaddrinfo", stall)
        with at_most(0.7), pytest.raises(NotSent):
            send(x, payload, timeout=0.3)
        wait_for_threads()
    assert server.posts() == []


def test_abandoned_call_leaves_no_thread_behind(x: X, server: Server, payload: Payload) -> None:
    server.go_wrong("trickle_headers")
    with pytest.raises(OutcomeUnknown):
        send(x, payload, timeout=0.3)
    wait_for_threads()
    assert "call" not in [thread.name for thread in threading.enumerate()]


def test_several_threads_share_one_adapter(x: X, server: Server) -> None:
    payloads = [x.compose(Draft(title="", text=f"Ward {n} is hiring.", link=f"{LINK}{n}")) for n in range(16)]
    with ThreadPoolExecutor(8) as threads:
        receipts = list(threads.map(lambda payload: send(x, payload), payloads))
    texts = {post["id"]: post["text"] for post in server.posts()}
    assert [texts[receipt.remote_id] for receipt in receipts] == [payload.text for payload in payloads]


def test_post_that_is_not_there_is_not_found(x: X, payload: Payload) -> None:
    assert find(x) is None
    send(x, payload)
    assert find(x, link=f"{LINK}1") is None
    assert find(x, link=LINK[:-1]) is None


def test_post_is_found_among_others_only_once_it_is_visible(x: X, server: Server, payload: Payload) -> None:
    receipt = send(x, payload)
    send(x, x.compose(Draft(title="", text="Something else", link=f"{LINK}0")))
    server.go_wrong(read_lag=60)
    assert find(x) is None
    server.go_wrong()
    assert find(x) == receipt


def test_read_back_without_a_link_is_not_possible(x: X) -> None:
    with pytest.raises(CannotRead, match="tracked link"):
        find(x, link="")


def test_outage_of_the_timeline_says_nothing_about_the_post(x: X, server: Server, payload: Payload) -> None:
    send(x, payload)
    server.go_wrong(read_outage=True)
    with pytest.raises(CannotRead):
        find(x)


def test_a_sign_in_that_may_only_read_is_told_and_holds_its_posts(x: X, server: Server, payload: Payload) -> None:
    server.go_wrong("403", access="read")

    health = x.check(timeout=5)
    with pytest.raises(NotSent, match="Read and write") as refusal:
        send(x, payload)

    assert (health.ok, "Read and write" in health.message) == (False, True)
    assert refusal.value.code == "needs_sign_in"


def test_taking_down_twice_is_a_success(x: X, server: Server, payload: Payload) -> None:
    receipt = send(x, payload)
    x.delete(receipt, timeout=5)
    x.delete(receipt, timeout=5)
    assert [post["deleted"] for post in server.posts()] == [True]
    assert find(x) is None


def test_health_names_the_account(x: X) -> None:
    health = x.check(timeout=5)
    assert (health.ok, health.account) == (True, "@riverside_trust")


def test_no_answer_says_nothing_about_health(connect: Callable[..., X]) -> None:
    with pytest.raises(CannotRead):
        connect("http://127.0.0.1:9").check(timeout=1)


@pytest.mark.parametrize("fault", ["401", "403", "429", "502_after", "accept_then_drop", "malformed_200"])
def test_no_secret_in_any_error(x: X, server: Server, payload: Payload, fault: str) -> None:
    server.go_wrong(fault)
    with pytest.raises(ChannelError) as failed:
        send(x, payload)
    told = "".join(traceback.format_exception(failed.value)) + repr(failed.value) + repr(vars(x)) + repr(x)
    assert not [secret for secret in SECRETS if secret in told]


@pytest.mark.parametrize(
    "address", ["ftp://api.x.com", "api.x.com", "https://", "https://user:word@api.x.com", "https://a b"]
)
def test_address_that_is_not_one_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        X.Settings.model_validate({"api_base": address})


def test_post_is_found_after_the_server_was_restarted(
    connect: Callable[..., X], payload: Payload, tmp_path: Path
) -> None:
    with running("tests.servers.x_like", tmp_path) as address:
        receipt = send(connect(address), payload)
    with running("tests.servers.x_like", tmp_path) as address:
        assert find(connect(address)) == receipt


def test_mix_of_faults_is_the_same_for_the_same_seed(x: X, server: Server) -> None:
    def outcomes() -> list[str]:
        server.reset()
        server.go_wrong(mix={"429": 0.3, "502_after": 0.3}, seed=7)
        seen = []
        for number in range(12):
            try:
                send(x, x.compose(Draft(title="", text=f"Post {number}", link="")))
                seen.append("sent")
            except ChannelError as error:
                seen.append(error.code)
        return seen

    first = outcomes()
    assert set(first) == {"sent", "rate_limited", "outcome_unknown"}
    assert outcomes() == first
