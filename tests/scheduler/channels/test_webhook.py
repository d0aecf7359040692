"""A receiver of signed messages: what it gets, and what its answers mean."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from scheduler.channels.contract import CannotRead, ChannelError, Draft, NotSent, OutcomeUnknown
from scheduler.channels.webhook.adapter import Webhook
from scheduler.connections.adapter_context import adapter_context
from tests.scheduler.channels.conftest import LINK
from tests.scheduler.channels.remote_channel import (
    ALL_FAULTS,
    PAGE,
    SERVER_FAULTS,
    Fault,
    RemotePost,
    WordsDocument,
    plain_document,
)
from tests.servers import webhook_like
from tests.servers.control import Server, clean

KEY = "019a8f6e-3b1c-7def-8abc-0123456789ab"
DRAFT = Draft(title="Nurse", text="Join us.", link=LINK, hashtags=("NHS",), document=plain_document("Join & stay."))


class RemoteWebhook:
    """A receiver that knows a message again by its id."""

    faults = ALL_FAULTS
    signs_in = True

    def __init__(self, server: Server) -> None:
        self.server = server

    def adapter(self, *, signed_in: bool = True, **settings: Any) -> Webhook:
        given_settings = {"address": f"{self.server.address}/in?token=hush", "deduplicates": True} | settings
        secret = webhook_like.SECRET if signed_in else "whsec_" + "A" * 32
        return Webhook(
            Webhook.Settings.model_validate(given_settings), Webhook.Secrets(signing_secret=secret), adapter_context()
        )

    def go_wrong(self, fault: Fault) -> None:
        self.server.go_wrong(SERVER_FAULTS[fault], seconds=7)

    def posts(self) -> list[RemotePost]:
        return [RemotePost(post["message"]["data"]["text"]) for post in self.server.posts()]

    def document(self, text: str) -> WordsDocument:
        return plain_document(text)


@contextmanager
def remote_channel(_: Path) -> Iterator[RemoteWebhook]:
    yield RemoteWebhook(clean("tests.servers.webhook_like"))


@pytest.fixture
def remote(tmp_path: Path) -> Iterator[RemoteWebhook]:
    with remote_channel(tmp_path) as found:
        yield found


def send(webhook: Webhook, timeout: float = 5.0) -> Any:
    return webhook.send(webhook.compose(DRAFT), key=KEY, timeout=timeout)


def test_the_receiver_gets_the_whole_content_under_the_key(remote: RemoteWebhook) -> None:
    assert send(remote.adapter()).remote_id == KEY
    (post,) = remote.server.posts()
    assert post["webhook_id"] == KEY
    assert post["message"] == {
        "type": "publication",
        "timestamp": "2025-11-17T01:29:17.340000+00:00",
        "data": {
            "title": "Nurse",
            "text": f"Join us. #NHS\n\n{LINK}",
            "link": LINK,
            "hashtags": ["NHS"],
            "summary": "Join & stay.",
            "html": "<p>Join &amp; stay.</p>",
        },
    }


def test_a_message_is_asked_for_again_only_where_its_receiver_knows_it_again(remote: RemoteWebhook) -> None:
    assert remote.adapter().abilities.idempotent
    assert not remote.adapter(deduplicates=False).abilities.idempotent
    assert not Webhook.abilities.idempotent


@pytest.mark.parametrize("fault", ["accept_then_hang", "500_before", "502_after", "trickle_headers"])
def test_no_clear_answer_is_unknown(remote: RemoteWebhook, fault: str) -> None:
    remote.server.go_wrong(fault)
    with pytest.raises(OutcomeUnknown):
        send(remote.adapter(), timeout=1.0)


@pytest.mark.parametrize(("fault", "says"), [("402", "410 Gone"), ("401", "signature"), ("403", "signature")])
def test_a_receiver_that_wants_no_more_stops_the_channel(remote: RemoteWebhook, fault: str, says: str) -> None:
    remote.server.go_wrong(fault)
    with pytest.raises(NotSent, match=says) as failed:
        send(remote.adapter())
    assert (failed.value.code, failed.value.permanent) == ("needs_sign_in", True)


def test_check_is_a_signed_ping_that_is_no_post(remote: RemoteWebhook) -> None:
    assert remote.adapter().check(timeout=5).ok
    assert remote.posts() == []
    health = remote.adapter(signed_in=False).check(timeout=5)
    assert (health.ok, "signature" in health.message) == (False, True)
    with pytest.raises(CannotRead):
        remote.adapter(address="http://127.0.0.1:9/").check(timeout=5)


@pytest.mark.parametrize("fault", ["401", "429", "refuse_400", "502_after", "accept_then_drop"])
def test_neither_secret_nor_address_is_in_any_error(remote: RemoteWebhook, fault: str) -> None:
    remote.server.go_wrong(fault)
    assert_silent(remote.adapter())


def test_an_address_without_tls_is_in_no_error(remote: RemoteWebhook) -> None:
    """The HTTP library's own error quotes the whole address."""
    assert_silent(remote.adapter(address=f"{remote.server.address}/in?token=hush".replace("http:", "https:")))


def assert_silent(webhook: Webhook) -> None:
    with pytest.raises(ChannelError) as failed:
        send(webhook)
    told = "".join(traceback.format_exception(failed.value)) + repr(failed.value) + str(failed.value)
    assert not [hidden for hidden in (webhook_like.SECRET, "hush") if hidden in told]
    assert webhook_like.SECRET not in repr(vars(webhook))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_" + "A" * 28, "whsec_no base64!", "A" * 32])
def test_a_secret_that_cannot_sign_is_refused(secret: str) -> None:
    with pytest.raises(ValidationError):
        Webhook.Secrets.model_validate({"signing_secret": secret})


def test_links_of_a_text_lead_to_its_page_from_elsewhere() -> None:
    whole = replace(DRAFT, document=WordsDocument(html='<p><a href="#heading-pay">Pay</a></p>'))
    adapter = RemoteWebhook(clean("tests.servers.webhook_like")).adapter()
    assert f'<a href="{PAGE}#heading-pay">' in adapter.compose(whole).body["html"]
