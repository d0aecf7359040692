"""Bluesky over the network: records under keys of our own, and sessions that are kept."""

from __future__ import annotations

import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from scheduler.channels.bluesky.adapter import Bluesky
from scheduler.channels.bluesky.record import created_at, record_key
from scheduler.channels.contract import (
    CannotRead,
    ChannelError,
    DoesNotFit,
    Draft,
    NotSent,
    OutcomeUnknown,
    Payload,
    Receipt,
)
from scheduler.connections.adapter_context import adapter_context
from tests.scheduler.channels.remote_channel import (
    ALL_FAULTS,
    SERVER_FAULTS,
    Fault,
    RemotePost,
    WordsDocument,
    plain_document,
)
from tests.scheduler.channels.test_contract import LINK, TIMEOUT, new_key, picture
from tests.servers import control
from tests.servers.faults import UNCLEAR
from tests.servers.pds_like import DID, HANDLE, PASSWORD
from tests.servers.running import ROOT, kept


def connected(address: str, *, handle: str = HANDLE, password: str = PASSWORD) -> Bluesky:
    settings = Bluesky.Settings.model_validate({"pds": address, "handle": handle})
    secrets = Bluesky.Secrets.model_validate({"app_password": password})
    return Bluesky(settings, secrets, adapter_context())  # type: ignore[arg-type]


class RemoteBluesky:
    """A PDS, as its own side sees it."""

    faults = ALL_FAULTS
    signs_in = True

    def __init__(self) -> None:
        self.address = kept("tests.servers.pds_like")
        control.call(f"{self.address}/_control/reset", {})

    def adapter(self, *, signed_in: bool = True) -> Bluesky:
        return connected(self.address, password=PASSWORD if signed_in else "ended")

    def go_wrong(self, fault: Fault) -> None:
        self.lose(SERVER_FAULTS[fault], seconds=7)

    def lose(self, *queue: str, **more: Any) -> None:
        control.call(f"{self.address}/_control/faults", {"queue": queue, **more})

    def expire(self, *, refresh: bool = False) -> None:
        control.call(f"{self.address}/_control/expire", {"refresh": refresh})

    def sign_ins(self) -> tuple[int, int]:
        """New ones, and renewals."""
        seen = control.call(f"{self.address}/_control/posts")
        return seen["sign_ins"], seen["renewals"]

    def records(self) -> list[dict[str, Any]]:
        return [post["record"] for post in control.call(f"{self.address}/_control/posts")["posts"]]

    def posts(self) -> list[RemotePost]:
        return [
            RemotePost(record["text"], tuple(image["alt"] for image in record.get("embed", {"images": []})["images"]))
            for record in self.records()
        ]

    def document(self, text: str) -> WordsDocument:
        return plain_document(text)


@contextmanager
def remote_channel(folder: Path) -> Iterator[RemoteBluesky]:
    yield RemoteBluesky()


@pytest.fixture
def other() -> RemoteBluesky:
    return RemoteBluesky()


@pytest.fixture
def payload(other: RemoteBluesky) -> Payload:
    return compose(other, "Join our wards as a nurse.")


def compose(other: RemoteBluesky, text: str, link: str = LINK, **more: Any) -> Payload:
    return other.adapter().compose(Draft(title="", text=text, link=link, **more))


def test_record_key_and_time_follow_from_the_key() -> None:
    """As `TID.fromTime(1755092485709123, 461)` of the package @atproto/common-web."""
    key = "0198a3aa-064d-7000-8000-00000001edcd"
    assert record_key(key) == "3lwbxc4lbe5ih"
    assert created_at(key) == "2025-08-13T13:41:25.709Z"


@pytest.mark.parametrize(
    "later",
    ["0198a3aa-064d-7000-8000-00000001edce", "0198a3aa-064d-7000-8000-00000001f1cd", "0198a3aa-064e-7000-8000-0"],
)
def test_record_keys_differ_and_sort_by_time(later: str) -> None:
    assert record_key("0198a3aa-064d-7000-8000-00000001edcd") < record_key(later.ljust(36, "0"))


@pytest.mark.parametrize(("text", "counted"), [("Nurse", 5), ("👩‍⚕️🇬🇧", 2), ("e\u0301", 1)])
def test_graphemes_are_counted(other: RemoteBluesky, text: str, counted: int) -> None:
    assert compose(other, text, "").length == counted


def test_what_just_fits_is_taken_and_one_more_is_not(other: RemoteBluesky) -> None:
    assert compose(other, "n" * 300, "").length == 300
    with pytest.raises(DoesNotFit, match="This is 1 over the limit for Bluesky, which is 300"):
        compose(other, "n" * 301, "")


def test_bytes_are_limited_too(other: RemoteBluesky) -> None:
    family = "👨‍👩‍👧‍👦"  # 25 bytes
    assert compose(other, family * 120, "").length == 120
    with pytest.raises(DoesNotFit, match="This is 25 over the limit for Bluesky, which is 3000: counted in bytes"):
        compose(other, family * 121, "")


def marked(payload: Payload) -> list[tuple[str, str]]:
    """What each facet covers, and what it leads to."""
    whole = payload.text.encode()
    return [
        (
            whole[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode(),
            facet["features"][0].get("uri") or "#" + facet["features"][0]["tag"],
        )
        for facet in payload.body["facets"]
    ]


def test_facets_cover_links_and_hashtags_in_bytes(other: RemoteBluesky) -> None:
    composed = compose(other, "Über 👩‍⚕️ see https://example.org/a. #Pflege", hashtags=("NHSJobs",))
    assert marked(composed) == [
        ("https://example.org/a", "https://example.org/a"),
        ("#Pflege", "#Pflege"),
        ("#NHSJobs", "#NHSJobs"),
        (LINK, LINK),
    ]


@pytest.mark.parametrize("around", ["“{}”", "<{}>", "({})", "{}。", "{}…", "now:{}"])
def test_tracked_link_can_be_opened_whatever_stands_around_it(other: RemoteBluesky, around: str) -> None:
    assert marked(compose(other, around.format(LINK))) == [(LINK, LINK)]


def test_mention_is_warned_of(other: RemoteBluesky) -> None:
    (warning,) = compose(other, "Thanks @riverside.bsky.social!").warnings
    assert warning.startswith("@riverside.bsky.social is not notified")


def test_record_says_when_and_in_which_language(other: RemoteBluesky, payload: Payload) -> None:
    key = new_key()
    receipt = other.adapter().send(payload, key=key, timeout=TIMEOUT)
    (record,) = other.records()
    assert (record["createdAt"], record["langs"]) == (created_at(key), ["en"])
    assert receipt.remote_id == f"at://{DID}/app.bsky.feed.post/{record_key(key)}"
    assert receipt.url == f"https://bsky.app/profile/{DID}/post/{record_key(key)}"


def test_picture_goes_along_with_its_shape(other: RemoteBluesky) -> None:
    composed = compose(other, "Look.", pictures=(picture("A ward."),))
    other.adapter().send(composed, key=new_key(), timeout=TIMEOUT)
    (image,) = other.records()[0]["embed"]["images"]
    assert (image["aspectRatio"]["width"], image["aspectRatio"]["height"]) == (64, 48)
    assert image["image"]["mimeType"] == "image/png"


@pytest.mark.parametrize("fault", UNCLEAR)
def test_lost_answer_is_unknown_found_and_repeated_without_a_second_post(
    other: RemoteBluesky, payload: Payload, fault: str
) -> None:
    key = new_key()
    other.lose(fault)
    with pytest.raises(OutcomeUnknown):
        other.adapter().send(payload, key=key, timeout=1.5)
    found = other.adapter().find(key=key, link="", timeout=TIMEOUT)
    assert other.adapter().send(payload, key=key, timeout=TIMEOUT) == found
    assert len(other.records()) == 1


def test_server_error_before_publishing_is_unknown_too(other: RemoteBluesky, payload: Payload) -> None:
    other.lose("500_before")
    key = new_key()
    with pytest.raises(OutcomeUnknown):
        other.adapter().send(payload, key=key, timeout=TIMEOUT)
    assert other.adapter().find(key=key, link=LINK, timeout=TIMEOUT) is None


def test_slow_answer_keeps_the_deadline(other: RemoteBluesky, payload: Payload) -> None:
    other.lose("slow", seconds=2)
    started = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        other.adapter().send(payload, key=new_key(), timeout=0.8)
    assert time.monotonic() - started < 1.4


def test_refusal_repeats_what_the_server_said(other: RemoteBluesky, payload: Payload) -> None:
    other.lose("refuse_400")
    with pytest.raises(NotSent, match="Bluesky says: The text of your post is invalid"):
        other.adapter().send(payload, key=new_key(), timeout=TIMEOUT)


def test_ten_at_once_with_one_key_are_one_post(other: RemoteBluesky, payload: Payload) -> None:
    key = new_key()
    with ThreadPoolExecutor(10) as pool:
        sent = list(pool.map(lambda _: other.adapter().send(payload, key=key, timeout=TIMEOUT), range(10)))
    assert len(set(sent)) == len(other.records()) == 1


def test_session_is_kept_for_the_whole_process(other: RemoteBluesky) -> None:
    def send(number: int) -> Receipt:
        return other.adapter().send(compose(other, f"Ward {number}."), key=new_key(), timeout=TIMEOUT)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, range(12)))
    other.adapter().check(timeout=TIMEOUT)
    assert other.sign_ins() == (1, 0)
    assert len(other.records()) == 12


def test_session_that_ended_is_renewed_once_for_all_threads(other: RemoteBluesky, payload: Payload) -> None:
    other.adapter().check(timeout=TIMEOUT)
    other.expire()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: other.adapter().send(payload, key=new_key(), timeout=TIMEOUT), range(8)))
    assert (len(other.records()), other.sign_ins()) == (8, (1, 1))


def test_session_that_cannot_be_refreshed_is_made_anew(other: RemoteBluesky, payload: Payload) -> None:
    other.adapter().check(timeout=TIMEOUT)
    other.expire(refresh=True)
    other.adapter().send(payload, key=new_key(), timeout=TIMEOUT)
    assert (len(other.records()), other.sign_ins()) == (1, (2, 0))


def test_renewal_that_fails_leaves_no_doubt_about_the_post(other: RemoteBluesky, payload: Payload) -> None:
    proxy = kept("tests.servers.dropping_proxy", "--to", other.address)
    connected(proxy).check(timeout=TIMEOUT)
    other.expire()
    wanted = {"queue": ["502_after"], "on": "^POST /xrpc/com.atproto.server.refreshSession$"}
    control.call(f"{proxy}/_control/faults", wanted)
    with pytest.raises(NotSent) as failed:
        connected(proxy).send(payload, key=new_key(), timeout=TIMEOUT)
    assert not failed.value.permanent
    assert other.records() == []


def test_too_many_sign_ins_say_when_to_come_back(other: RemoteBluesky, payload: Payload) -> None:
    for _ in range(30):
        connected(other.address, password="wrong").check(timeout=TIMEOUT)
    with pytest.raises(NotSent) as failed:
        other.adapter().send(payload, key=new_key(), timeout=TIMEOUT)
    assert (failed.value.code, failed.value.permanent) == ("rate_limited", False)
    assert failed.value.retry_after == pytest.approx(295, abs=10)


def test_post_is_found_only_once_it_is_visible(other: RemoteBluesky, payload: Payload) -> None:
    key = new_key()
    receipt = other.adapter().send(payload, key=key, timeout=TIMEOUT)
    other.lose(read_lag=60)
    assert other.adapter().find(key=key, link=LINK, timeout=TIMEOUT) is None
    other.lose()
    assert other.adapter().find(key=key, link=LINK, timeout=TIMEOUT) == receipt


def test_outage_says_nothing_about_the_post(other: RemoteBluesky) -> None:
    other.lose(read_outage=True)
    with pytest.raises(CannotRead):
        other.adapter().find(key=new_key(), link=LINK, timeout=TIMEOUT)


def test_refusal_to_read_says_nothing_about_the_post(other: RemoteBluesky) -> None:
    proxy = kept("tests.servers.dropping_proxy", "--to", other.address)
    wanted = {"queue": ["refuse_400"], "on": "^GET /xrpc/com.atproto.repo.getRecord$"}
    control.call(f"{proxy}/_control/faults", wanted)
    with pytest.raises(CannotRead):
        connected(proxy).find(key=new_key(), link=LINK, timeout=TIMEOUT)


def test_post_of_another_account_is_not_taken_for_gone(other: RemoteBluesky) -> None:
    address = f"at://did:plc:somebodyelse/app.bsky.feed.post/{record_key(new_key())}"
    with pytest.raises(NotSent) as failed:
        other.adapter().delete(Receipt(address, ""), timeout=TIMEOUT)
    assert (failed.value.code, failed.value.permanent) == ("other_account", True)


def test_health_names_the_account(other: RemoteBluesky) -> None:
    health = other.adapter().check(timeout=TIMEOUT)
    assert (health.ok, health.account) == (True, f"@{HANDLE}")


def test_no_answer_says_nothing_about_health() -> None:
    with pytest.raises(CannotRead):
        connected("http://127.0.0.1:9").check(timeout=1)


@pytest.mark.parametrize("fault", ["401", "403", "429", "502_after", "accept_then_drop", "malformed_200"])
def test_no_secret_in_any_error(other: RemoteBluesky, payload: Payload, fault: str) -> None:
    other.lose(fault, fault)
    adapter = other.adapter()
    with pytest.raises(ChannelError) as failed:
        adapter.send(payload, key=new_key(), timeout=TIMEOUT)
    session = adapter._account.cache.session
    told = "".join(traceback.format_exception(failed.value)) + repr(failed.value) + repr(vars(adapter))
    told += repr(session)
    assert not [secret for secret in (PASSWORD, "access-", "refresh-") if secret in told]


@pytest.mark.parametrize("handle", ["riverside", "https://bsky.app/profile/a.b", "a b.c", ""])
def test_handle_that_is_none_is_refused(handle: str) -> None:
    with pytest.raises(ValidationError):
        Bluesky.Settings.model_validate({"handle": handle})


def test_handle_may_be_written_as_people_write_it() -> None:
    assert Bluesky.Settings.model_validate({"handle": "@Riverside.bsky.social"}).handle == "riverside.bsky.social"  # type: ignore[attr-defined]


def test_nobody_waits_for_the_sdk_who_does_not_use_it() -> None:
    script = "import sys, scheduler.channels.registry; print('atproto_client' in sys.modules, 'httpx' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.split() == ["False", "False"]
