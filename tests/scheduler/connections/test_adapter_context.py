"""A channel is given what it carries: short ones the words alone, a receiver of signed messages the whole content."""

from __future__ import annotations

import pytest

from campaigns.planning.models import Channel
from scheduler.channels.lib.signing import new_secret
from scheduler.connections import services as connections
from scheduler.posts import drafts
from tests import factories


@pytest.fixture
def intranet(db: None) -> Channel:
    channel = factories.channel(name="Intranet", category="staff_tool", audience="staff")
    connections.connect_channel(
        channel=channel,
        kind="webhook",
        settings={"address": "https://intranet.example/hook"},
        secrets={"signing_secret": new_secret()},
    )
    return channel


def test_a_signed_message_brings_summary_and_text_of_the_content(intranet: Channel) -> None:
    entry = factories.blog_entry(audience="staff", summary="How we hand over.", body="It begins with *handover*.")

    told = drafts.preview(factories.publication(of=entry, on=intranet)).body

    assert told["summary"] == "How we hand over."
    assert told["html"] == "<p>It begins with <em>handover</em>.</p>"
