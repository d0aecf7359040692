"""Slack over the network: what is special to it."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from scheduler.channels.contract import CannotRead, ChannelError, DoesNotFit, Draft, NotSent, OutcomeUnknown, Picture
from scheduler.channels.slack.adapter import Slack
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
from tests.servers import slack_like
from tests.servers.control import Server, clean

KEY = "019a8f6e-3b1c-7def-8abc-0123456789ab"
DRAFT = Draft(title="Nurse", text="Join our wards as a nurse.", link=LINK)


class RemoteSlack:
    """Slack, as its own side sees it."""

    faults = ALL_FAULTS
    signs_in = True

    def __init__(self, server: Server) -> None:
        self.server = server

    def adapter(self, *, signed_in: bool = True) -> Slack:
        return self.connected(slack_like.TOKEN if signed_in else "xoxb-ended")

    def connected(self, token: str, channel_id: str = slack_like.CHANNEL) -> Slack:
        settings = {"api_base": f"{self.server.address}/api/", "channel_id": channel_id}
        return Slack(Slack.Settings.model_validate(settings), Slack.Secrets(bot_token=token), adapter_context())

    def go_wrong(self, fault: Fault) -> None:
        self.server.go_wrong(SERVER_FAULTS[fault], seconds=7)

    def posts(self) -> list[RemotePost]:
        return [
            RemotePost(unescape(post["text"]), tuple(block["alt_text"] for block in (post["blocks"] or [])[1:]))
            for post in self.server.posts()
            if not post["deleted"]
        ]

    def document(self, text: str) -> WordsDocument:
        return plain_document(text)


@contextmanager
def remote_channel(_: Path) -> Iterator[RemoteSlack]:
    yield RemoteSlack(clean("tests.servers.slack_like"))


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[RemoteSlack]:
    with remote_channel(tmp_path) as found:
        yield found


def send(remote: RemoteSlack, draft: Draft = DRAFT, *, key: str = KEY, timeout: float = 5.0) -> Any:
    adapter = remote.adapter()
    return adapter.send(adapter.compose(draft), key=key, timeout=timeout)


def test_a_receipt_leads_to_the_message(remote: RemoteSlack) -> None:
    receipt = send(remote)
    posted = slack_like.stamp(remote.server.posts()[0])
    assert receipt.remote_id == f"{slack_like.CHANNEL}:{posted}"
    assert receipt.url == f"https://riverside.slack.com/archives/{slack_like.CHANNEL}/p{posted.replace('.', '')}"


def test_signs_with_a_meaning_are_only_text(remote: RemoteSlack) -> None:
    send(remote, Draft(title="", text="<!channel> R&D *now*", link=""))
    (post,) = remote.server.posts()
    assert (post["text"], post["mrkdwn"]) == ("&lt;!channel&gt; R&amp;D *now*", False)


def test_what_slack_gives_a_meaning_counts_as_it_is_sent(remote: RemoteSlack) -> None:
    adapter = remote.adapter()
    assert adapter.compose(Draft(title="", text="&" * 8_000, link="")).length == 40_000
    with pytest.raises(DoesNotFit, match="5 over the limit for Slack, which is 40000"):
        adapter.compose(Draft(title="", text="&" * 8_001, link=""))


def test_a_long_message_is_warned_of(remote: RemoteSlack) -> None:
    adapter = remote.adapter()
    assert adapter.compose(Draft(title="", text="a" * 4_000, link="")).warnings == ()
    (warning,) = adapter.compose(Draft(title="", text="a" * 4_001, link="")).warnings
    assert "4,000" in warning


def test_with_pictures_the_text_is_shorter(remote: RemoteSlack) -> None:
    picture = Picture(data=b"x", media_type="image/png", alt_text="A ward.", width=1, height=1)
    draft = Draft(title="", text="a" * 3_001, link="", pictures=(picture,))
    with pytest.raises(DoesNotFit, match="1 over the limit for Slack, which is 3000: with pictures"):
        remote.adapter().compose(draft)


def test_slack_saying_that_it_stumbled_may_have_posted(remote: RemoteSlack) -> None:
    remote.server.go_wrong("402")
    with pytest.raises(OutcomeUnknown):
        send(remote)


def test_a_refusal_names_the_remedy(remote: RemoteSlack) -> None:
    remote.server.go_wrong("403")
    with pytest.raises(NotSent, match="Invite the app to the channel") as failed:
        send(remote)
    assert failed.value.permanent


def test_a_refusal_repeats_what_slack_said(remote: RemoteSlack) -> None:
    remote.server.go_wrong("refuse_400")
    with pytest.raises(NotSent, match=r"invalid_blocks .*no more than 50 items"):
        send(remote)


def test_a_token_that_was_taken_back_needs_a_new_sign_in(remote: RemoteSlack) -> None:
    remote.server.go_wrong("401")
    with pytest.raises(NotSent) as failed:
        send(remote)
    assert failed.value.code == "needs_sign_in"


def test_a_message_is_found_among_more_than_a_page(remote: RemoteSlack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduler.channels.slack.client.PAGE", 2)
    receipt = send(remote)
    for number in range(5):
        send(remote, key=f"019a8f6e-3b1c-7def-8abc-00000000000{number}")
    assert remote.adapter().find(key=KEY, link="", timeout=5) == receipt


def test_read_back_that_is_not_allowed_says_nothing(remote: RemoteSlack) -> None:
    send(remote)
    remote.server.go_wrong(read_outage=True)
    with pytest.raises(CannotRead):
        remote.adapter().find(key=KEY, link=LINK, timeout=5)
    with pytest.raises(CannotRead, match="channel_not_found"):
        remote.connected(slack_like.TOKEN, "C9999999999").find(key=KEY, link=LINK, timeout=5)


def test_check_names_what_is_missing(remote: RemoteSlack) -> None:
    health = remote.adapter().check(timeout=5)
    assert (health.ok, health.account) == (True, "promenade in Riverside")
    read_only = remote.connected(slack_like.READ_ONLY_TOKEN).check(timeout=5)
    assert not read_only.ok
    assert "chat:write" in read_only.message
    elsewhere = remote.connected(slack_like.TOKEN, "C9999999999").check(timeout=5)
    assert not elsewhere.ok
    assert "Check the channel ID" in elsewhere.message


@pytest.mark.parametrize("fault", ["401", "403", "429", "502_after", "accept_then_drop", "malformed_200"])
def test_no_secret_in_any_error(remote: RemoteSlack, fault: str) -> None:
    remote.server.go_wrong(fault)
    adapter = remote.adapter()
    with pytest.raises(ChannelError) as failed:
        adapter.send(adapter.compose(DRAFT), key=KEY, timeout=5)
    told = "".join(traceback.format_exception(failed.value)) + repr(failed.value) + repr(vars(adapter))
    assert slack_like.TOKEN not in told


@pytest.mark.parametrize("channel", ["", "general", "#general", "c0123456789", "C012/../x"])
def test_a_channel_is_named_by_its_id(channel: str) -> None:
    with pytest.raises(ValidationError):
        Slack.Settings.model_validate({"channel_id": channel})
