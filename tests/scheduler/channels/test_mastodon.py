"""Mastodon over the network, against the package mastodon-mock, behind a proxy that loses what it is told to lose."""

from __future__ import annotations

import html
import re
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from scheduler.channels.contract import CannotRead, ChannelError, DoesNotFit, Draft, NotSent, OutcomeUnknown, Payload
from scheduler.channels.mastodon.adapter import Mastodon
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
from tests.servers.mastodon import TOKEN
from tests.servers.running import kept

SEND = "^POST /api/v1/statuses$"


class RemoteMastodon:
    """A Mastodon server, as its own side sees it."""

    faults = ALL_FAULTS
    signs_in = True

    def __init__(self) -> None:
        self.server = kept("tests.servers.mastodon")
        self.address = kept("tests.servers.dropping_proxy", "--to", self.server)
        control.call(f"{self.server}/api/v1/_mock/reset", {})
        control.call(f"{self.address}/_control/reset", {})

    def adapter(self, *, signed_in: bool = True, **settings: Any) -> Mastodon:
        filled_in = Mastodon.Settings.model_validate({"instance": self.address, **settings})
        secrets = Mastodon.Secrets.model_validate({"access_token": TOKEN if signed_in else "ended"})
        return Mastodon(filled_in, secrets, adapter_context())  # type: ignore[arg-type]

    def go_wrong(self, fault: Fault) -> None:
        if fault in ("lost", "late"):
            self.lose(SERVER_FAULTS[fault])
        elif fault == "refused":
            self.rule("POST", "/api/v1/statuses", status=422, body={"error": "Validation failed: Text is too odd"})
        else:
            until = (datetime.now(UTC) + timedelta(seconds=7)).isoformat(timespec="milliseconds")
            self.rule("POST", "/api/v1/statuses", status=429, headers={"X-RateLimit-Reset": until})

    def lose(self, *queue: str, **more: Any) -> None:
        control.call(f"{self.address}/_control/faults", {"queue": queue, "on": SEND, **more})

    def rule(self, method: str, path: str, count: int = 1, **effect: Any) -> None:
        wanted = {"match": {"methods": [method], "path": path}, "effect": {"type": "status", **effect}, "count": count}
        control.call(f"{self.server}/api/v1/_mock/faults", wanted)

    def statuses(self) -> list[dict[str, Any]]:
        me = control.call(f"{self.server}/api/v1/accounts/verify_credentials", Authorization=f"Bearer {TOKEN}")
        found = control.call(
            f"{self.server}/api/v1/accounts/{me['id']}/statuses?limit=40", Authorization=f"Bearer {TOKEN}"
        )
        return list(reversed(found))

    def posts(self) -> list[RemotePost]:
        return [
            RemotePost(
                html.unescape(re.sub("<[^>]+>", "", status["content"])),
                tuple(media["description"] for media in status["media_attachments"]),
            )
            for status in self.statuses()
        ]

    def document(self, text: str) -> WordsDocument:
        return plain_document(text)


@contextmanager
def remote_channel(folder: Path) -> Iterator[RemoteMastodon]:
    yield RemoteMastodon()


@pytest.fixture
def other() -> RemoteMastodon:
    return RemoteMastodon()


@pytest.fixture
def payload(other: RemoteMastodon) -> Payload:
    return other.adapter().compose(draft("Join our wards as a nurse."))


def draft(text: str, link: str = LINK, **more: Any) -> Draft:
    return Draft(title="", text=text, link=link, **more)


def length(text: str, other: RemoteMastodon) -> int:
    return other.adapter().compose(draft(text, link="")).length


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("Nurse", 5),
        ("👩‍⚕️🇬🇧é", 3),
        ("e\u0301", 1),
        ("https://www.example.org/" + "long/" * 30, 23),
        ("See (https://example.org/a) now.", 4 + 1 + 23 + 1 + 5),
        ("Ask @ward@hospital.example today", len("Ask @ward today")),
    ],
)
def test_characters_are_counted_as_mastodon_counts(other: RemoteMastodon, text: str, counted: int) -> None:
    assert length(text, other) == counted


def test_what_just_fits_is_taken_and_one_more_is_not(other: RemoteMastodon) -> None:
    assert length("n" * 500, other) == 500
    with pytest.raises(DoesNotFit, match="This is 1 over the limit for Mastodon, which is 500"):
        length("n" * 501, other)


def test_servers_own_limits_in_the_settings_win(other: RemoteMastodon) -> None:
    adapter = other.adapter(characters=1000, characters_reserved_per_url=30)
    composed = adapter.compose(draft("n" * 900))
    assert (composed.length, composed.limit) == (900 + 2 + 30, 1000)


def test_visibility_and_language_go_along(other: RemoteMastodon) -> None:
    adapter = other.adapter(visibility="unlisted", language="cy")
    adapter.send(adapter.compose(draft("Ymunwch â ni.")), key=new_key(), timeout=TIMEOUT)
    (status,) = other.statuses()
    assert (status["visibility"], status["language"]) == ("unlisted", "cy")


def test_receipt_leads_to_the_post(other: RemoteMastodon, payload: Payload) -> None:
    receipt = other.adapter().send(payload, key=new_key(), timeout=TIMEOUT)
    (status,) = other.statuses()
    assert (receipt.remote_id, receipt.url) == (status["id"], status["url"])


@pytest.mark.parametrize("fault", UNCLEAR)
def test_lost_answer_is_unknown_found_and_repeated_without_a_second_post(
    other: RemoteMastodon, payload: Payload, fault: str
) -> None:
    key = new_key()
    other.lose(fault)
    with pytest.raises(OutcomeUnknown):
        other.adapter().send(payload, key=key, timeout=1.5)
    found = other.adapter().find(key=key, link=LINK, timeout=TIMEOUT)
    again = other.adapter().send(payload, key=key, timeout=TIMEOUT)
    assert found == again
    assert [status["id"] for status in other.statuses()] == [again.remote_id]


def test_server_error_before_publishing_is_unknown_too(other: RemoteMastodon, payload: Payload) -> None:
    other.lose("500_before")
    with pytest.raises(OutcomeUnknown):
        other.adapter().send(payload, key=new_key(), timeout=TIMEOUT)
    assert other.statuses() == []


def test_slow_answer_keeps_the_deadline(other: RemoteMastodon, payload: Payload) -> None:
    other.lose("slow", seconds=2)
    started = time.monotonic()
    with pytest.raises(OutcomeUnknown):
        other.adapter().send(payload, key=new_key(), timeout=0.5)
    assert time.monotonic() - started < 1.0


def test_refusal_repeats_what_the_server_said(other: RemoteMastodon, payload: Payload) -> None:
    other.go_wrong("refused")
    with pytest.raises(NotSent, match="Mastodon says: Validation failed: Text is too odd"):
        other.adapter().send(payload, key=new_key(), timeout=TIMEOUT)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [("Retry-After", "7", 7.0), ("X-RateLimit-Reset", "in ten minutes", 600.0), ("X-RateLimit-Reset", "soon", None)],
)
def test_rate_limit_is_read_in_every_form(
    other: RemoteMastodon, payload: Payload, name: str, value: str, expected: float | None
) -> None:
    given = str(int(time.time()) + 600) if value == "in ten minutes" else value
    other.rule("POST", "/api/v1/statuses", status=429, headers={name: given})
    with pytest.raises(NotSent) as failed:
        other.adapter().send(payload, key=new_key(), timeout=TIMEOUT)
    assert failed.value.code == "rate_limited"
    assert failed.value.retry_after == (expected and pytest.approx(expected, abs=60))


def test_picture_that_is_not_ready_is_waited_for(other: RemoteMastodon) -> None:
    uploaded = other.adapter()
    ready = _stored_picture(other)
    other.rule("POST", "/api/v2/media", status=202, body={"id": ready, "type": "image", "url": None})
    other.rule("GET", f"/api/v1/media/{ready}", status=206, body={"id": ready, "type": "image", "url": None})
    composed = uploaded.compose(draft("Look.", pictures=(picture("A ward."),)))
    started = time.monotonic()
    uploaded.send(composed, key=new_key(), timeout=TIMEOUT)
    assert time.monotonic() - started >= 1.0  # asked twice
    assert [media["id"] for media in other.statuses()[0]["media_attachments"]] == [ready]


def test_picture_that_never_gets_ready_is_certainly_not_posted(other: RemoteMastodon) -> None:
    pending = {"id": "77", "type": "image", "url": None}
    other.rule("POST", "/api/v2/media", status=202, body=pending)
    other.rule("GET", "/api/v1/media/77", count=9, status=206, body=pending)
    adapter = other.adapter()
    with pytest.raises(NotSent) as failed:
        adapter.send(adapter.compose(draft("Look.", pictures=(picture("A ward."),))), key=new_key(), timeout=2.0)
    assert (failed.value.code, failed.value.permanent) == ("picture_not_ready", False)
    assert other.statuses() == []


def test_upload_that_is_lost_is_certainly_not_posted(other: RemoteMastodon) -> None:
    control.call(f"{other.address}/_control/faults", {"queue": ["502_after"], "on": "^POST /api/v2/media$"})
    adapter = other.adapter()
    with pytest.raises(NotSent) as failed:
        adapter.send(adapter.compose(draft("Look.", pictures=(picture("A ward."),))), key=new_key(), timeout=TIMEOUT)
    assert not failed.value.permanent
    assert other.statuses() == []


def test_more_pictures_than_the_channel_takes_are_refused(other: RemoteMastodon) -> None:
    with pytest.raises(DoesNotFit, match="4 pictures"):
        other.adapter().compose(draft("Look.", pictures=(picture("A ward."),) * 5))


def test_longer_link_that_begins_like_ours_is_not_ours(other: RemoteMastodon) -> None:
    adapter = other.adapter()
    adapter.send(adapter.compose(draft("Another.", link=f"{LINK}x")), key=new_key(), timeout=TIMEOUT)
    assert adapter.find(key=new_key(), link=LINK, timeout=TIMEOUT) is None


def test_post_of_a_colleague_that_we_shared_is_not_ours(other: RemoteMastodon, payload: Payload) -> None:
    """On a server that lists shared posts although it is asked not to: they bring the colleague's text."""
    other.adapter().send(payload, key=new_key(), timeout=TIMEOUT)
    (status,) = other.statuses()
    path = f"/api/v1/accounts/{status['account']['id']}/statuses"
    other.rule("GET", path, status=200, body=[{**status, "reblog": status}])
    assert other.adapter().find(key=new_key(), link=LINK, timeout=TIMEOUT) is None
    assert other.adapter().find(key=new_key(), link=LINK, timeout=TIMEOUT) is not None


def test_post_of_another_account_is_not_taken_for_gone(other: RemoteMastodon, payload: Payload) -> None:
    """A server says 404 of it, as of a post that is gone."""
    receipt = other.adapter().send(payload, key=new_key(), timeout=TIMEOUT)
    other.rule("DELETE", f"/api/v1/statuses/{receipt.remote_id}", status=404)
    with pytest.raises(NotSent) as failed:
        other.adapter().delete(receipt, timeout=TIMEOUT)
    assert (failed.value.code, failed.value.permanent) == ("other_account", True)


def test_outage_says_nothing_about_the_post(other: RemoteMastodon, payload: Payload) -> None:
    other.lose(read_outage=True)
    with pytest.raises(CannotRead):
        other.adapter().find(key=new_key(), link=LINK, timeout=TIMEOUT)
    with pytest.raises(CannotRead):
        other.adapter().check(timeout=TIMEOUT)


def test_read_back_without_a_link_is_not_possible(other: RemoteMastodon) -> None:
    with pytest.raises(CannotRead, match="tracked link"):
        other.adapter().find(key=new_key(), link="", timeout=TIMEOUT)


def test_health_names_the_account(other: RemoteMastodon) -> None:
    health = other.adapter().check(timeout=TIMEOUT)
    assert (health.ok, health.account, health.message) == (True, "@testuser", "Connected to Mastodon as @testuser.")


@pytest.mark.parametrize(
    ("told", "learnt"),
    [
        ({"max_characters": 1000, "characters_reserved_per_url": 30}, (1000, 30)),
        ({"max_characters": 0, "characters_reserved_per_url": 23}, None),
        ({}, None),
    ],
)
def test_a_check_brings_in_the_servers_own_limits(
    other: RemoteMastodon, told: dict[str, int], learnt: tuple[int, int] | None
) -> None:
    other.rule("GET", "/api/v2/instance/", status=200, body={"configuration": {"statuses": told}})
    health = other.adapter().check(timeout=TIMEOUT)
    assert health.ok
    expected = dict(zip(("characters", "characters_reserved_per_url"), learnt, strict=True)) if learnt else {}
    assert health.settings == expected


def test_health_names_permissions_that_lack(other: RemoteMastodon) -> None:
    app = {"name": "Promenade", "scopes": ["read", "write:statuses"]}
    other.rule("GET", "/api/v1/apps/verify_credentials", status=200, body=app)
    health = other.adapter().check(timeout=TIMEOUT)
    assert not health.ok
    assert health.message.endswith("Create a new one with write:media.")


def test_token_that_may_not_even_say_whose_it_is_is_told(other: RemoteMastodon) -> None:
    other.rule("GET", "/api/v1/accounts/verify_credentials", status=403)
    health = other.adapter().check(timeout=TIMEOUT)
    assert not health.ok
    assert "read:accounts" in health.message


def test_token_is_never_taken_for_the_name_of_a_file(other: RemoteMastodon, payload: Payload, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\nhttp://127.0.0.1:9\n")
    secrets = Mastodon.Secrets.model_validate({"access_token": str(tmp_path / "token")})
    settings = Mastodon.Settings.model_validate({"instance": other.address})
    with pytest.raises(NotSent) as failed:
        Mastodon(settings, secrets, adapter_context()).send(payload, key=new_key(), timeout=TIMEOUT)  # type: ignore[arg-type]
    assert failed.value.code == "needs_sign_in"


@pytest.mark.parametrize("fault", ["401", "403", "429", "502_after", "accept_then_drop", "malformed_200"])
def test_no_token_in_any_error(other: RemoteMastodon, payload: Payload, fault: str) -> None:
    other.lose(fault)
    adapter = other.adapter()
    with pytest.raises(ChannelError) as failed:
        adapter.send(payload, key=new_key(), timeout=TIMEOUT)
    told = "".join(traceback.format_exception(failed.value)) + repr(failed.value) + repr(vars(adapter))
    assert TOKEN not in told


@pytest.mark.parametrize("address", ["mastodon.social", "https://mastodon.social/@us", "https://a:b@c", "ftp://a"])
def test_address_that_is_not_a_server_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        Mastodon.Settings.model_validate({"instance": address})


def _stored_picture(other: RemoteMastodon) -> str:
    """The id of a picture that the server has."""
    adapter = other.adapter()
    (stored,) = adapter._upload((picture("A ward."),), TIMEOUT)
    return stored
