"""Teams over the network: a card goes out at most once, and its address stays secret."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from scheduler.channels.contract import ChannelError, DoesNotFit, Draft, NotSent
from scheduler.channels.teams.adapter import Teams
from scheduler.connections.adapter_context import adapter_context
from tests.scheduler.channels.conftest import LINK
from tests.scheduler.channels.remote_channel import (
    ALL_FAULTS,
    SERVER_FAULTS,
    Fault,
    RemotePost,
    WordsDocument,
    plain_document,
)
from tests.servers import teams_like
from tests.servers.control import Server, clean

KEY = "019a8f6e-3b1c-7def-8abc-0123456789ab"
DRAFT = Draft(title="Nurse", text="Join our wards.\n\n2 * 3 * 4 [beds]", link=LINK)


class RemoteTeams:
    """Teams, as its own side sees it. Who knows the address may post, until the workflow is gone."""

    faults = ALL_FAULTS
    signs_in = True

    def __init__(self, server: Server) -> None:
        self.server = server

    def adapter(self, *, signed_in: bool = True) -> Teams:
        signature = teams_like.SIGNATURE if signed_in else "of-another"
        return connected(f"{self.server.address}{teams_like.PATH}?api-version=1&sig={signature}")

    def go_wrong(self, fault: Fault) -> None:
        self.server.go_wrong(SERVER_FAULTS[fault], seconds=7)

    def posts(self) -> list[RemotePost]:
        return [RemotePost("\n".join(_lines(post["card"]))) for post in self.server.posts()]

    def document(self, text: str) -> WordsDocument:
        return plain_document(text)


def _lines(card: dict[str, Any]) -> list[str]:
    return [run["text"] for block in card["body"] for run in block["inlines"]]


def connected(address: str) -> Teams:
    return Teams(Teams.Settings(), Teams.Secrets.model_validate({"address": address}), adapter_context())


@contextmanager
def remote_channel(_: Path) -> Iterator[RemoteTeams]:
    yield RemoteTeams(clean("tests.servers.teams_like"))


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[RemoteTeams]:
    with remote_channel(tmp_path) as found:
        yield found


def send(teams: Teams, timeout: float = 5.0) -> Any:
    return teams.send(teams.compose(DRAFT), key=KEY, timeout=timeout)


def test_a_card_shows_title_and_lines_letter_for_letter_and_leads_to_the_link(remote: RemoteTeams) -> None:
    send(remote.adapter())
    (post,) = remote.server.posts()
    assert _lines(post["card"]) == ["Nurse", "Join our wards.", "2 * 3 * 4 [beds]"]
    assert [action["url"] for action in post["card"]["actions"]] == [LINK]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Nurse\n\nJoin our wards.", "Nurse\n\nJoin our wards."),
        ("Nurse", "Nurse"),
        ("Nurses, join us.", "Nurse\n\nNurses, join us."),
    ],
)
def test_the_title_stands_once(text: str, shown: str) -> None:
    payload = connected("https://teams.example/x").compose(Draft(title="Nurse", text=text, link=""))
    (attachment,) = payload.body["attachments"]
    assert payload.text == shown
    assert _lines(attachment["content"]) == shown.split("\n\n")


def test_the_bytes_of_the_whole_request_count(remote: RemoteTeams) -> None:
    teams = remote.adapter()
    spare = 28_000 - teams.compose(Draft(title="", text="a", link="")).length + 1
    full = teams.compose(Draft(title="", text="é" * (spare // 2) + "a" * (spare % 2), link=""))
    assert full.length == full.limit == 28_000
    teams.send(full, key=KEY, timeout=5)
    with pytest.raises(DoesNotFit, match="1 over the limit"):
        teams.compose(Draft(title="", text="a" * (spare + 1), link=""))


@pytest.mark.parametrize("fault", ["401", "403", "402"])
def test_a_workflow_that_is_gone_must_be_connected_anew(remote: RemoteTeams, fault: str) -> None:
    remote.server.go_wrong(fault)
    with pytest.raises(NotSent, match="Create a new one") as failed:
        send(remote.adapter())
    assert (failed.value.code, failed.value.permanent) == ("needs_sign_in", True)


def test_a_wrong_address_must_be_connected_anew(remote: RemoteTeams) -> None:
    with pytest.raises(NotSent) as failed:
        send(remote.adapter(signed_in=False))
    assert failed.value.code == "needs_sign_in"
    assert remote.posts() == []


@pytest.mark.parametrize("fault", ["401", "429", "refuse_400", "502_after", "accept_then_drop"])
def test_the_address_is_in_no_error(remote: RemoteTeams, fault: str) -> None:
    remote.server.go_wrong(fault)
    assert_silent(remote.adapter(), teams_like.SIGNATURE, teams_like.PATH)


@pytest.mark.parametrize(
    "address",
    ["https://secret-host.invalid/x?sig=hush", "http://192.0.2.1/x?sig=hush", "http://127.0.0.1:9/x?sig=hush"],
)
def test_an_address_that_cannot_be_called_is_in_no_error(address: str) -> None:
    assert_silent(connected(address), "hush", "secret-host", "192.0.2.1")


def test_an_address_without_tls_is_in_no_error(remote: RemoteTeams) -> None:
    """The HTTP library's own error quotes the whole address."""
    assert_silent(connected(f"{remote.server.address}/x?sig=hush".replace("http:", "https:")), "hush")


def assert_silent(teams: Teams, *secrets: str) -> None:
    with pytest.raises(ChannelError) as failed:
        send(teams)
    told = "".join(traceback.format_exception(failed.value)) + repr(failed.value) + repr(vars(teams))
    assert not [secret for secret in secrets if secret in told]


@pytest.mark.parametrize("address", ["", "teams", "ftp://x.example/hush", "https://me:hush@x.example/"])
def test_what_is_no_address_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        connected(address)
    assert "hush" not in str(refusal.value.errors(include_input=False, include_url=False, include_context=False))
