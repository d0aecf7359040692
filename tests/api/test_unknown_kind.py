"""A channel that is connected to a kind which this installation does not have, as after a downgrade: the API answers
what there is, and says what to do."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.planning.models import Channel, Content, Publication
from campaigns.planning.services import compositions
from scheduler.channels import registry
from scheduler.connections import services as connections
from tests import factories
from tests.conftest import Api

SAYS = "Connect it to another service, or install the version that supported it."


@pytest.fixture
def channel(db: None, monkeypatch: pytest.MonkeyPatch) -> Channel:
    row = factories.channel()
    access = {"access_token": "t"}
    connections.connect_channel(
        channel=row, kind="mastodon", settings={"instance": "https://social.example"}, secrets=access
    )
    monkeypatch.delitem(registry.ADAPTERS, "mastodon")
    return row


@pytest.fixture
def content(channel: Channel) -> Content:
    row = factories.approved_blog_entry()
    chosen = [compositions.ChannelText(channel)]
    compositions.save_composition(content=row, version=0, chosen=chosen, times=[factories.in_days(2)], by=None)
    return row


@pytest.fixture
def publication(channel: Channel, content: Content) -> Publication:
    return factories.publication(of=content, on=channel)


def test_everything_that_is_read_of_it_is_answered(api: Api, channel: Channel, publication: Publication) -> None:
    paths = [
        "/channels",
        f"/channels/{channel.pk}",
        f"/channels/{channel.pk}/connection",
        f"/channels/{channel.pk}/connection/rate-limit",
        f"/channels/{channel.pk}/connection/spending",
        f"/content/{publication.content_id}",
        f"/content/{publication.content_id}/composition",
        f"/content/{publication.content_id}/changes",
        "/publications",
        f"/publications/{publication.pk}",
        f"/publications/{publication.pk}/attempts",
    ]

    assert {path: status for path in paths if (status := api.as_("admin").get(path).status_code) != 200} == {}


def test_a_preview_says_what_to_do(api: Api, channel: Channel, content: Content, publication: Publication) -> None:
    comms = api.as_("comms")
    draft: dict[str, Any] = {"content_id": content.pk, "channel_id": channel.pk}

    [composed] = comms.get(f"/content/{content.pk}/composition/preview").json()["items"]
    answers = [
        comms.get(f"/publications/{publication.pk}/preview"),
        comms.get(f"/publications/{publication.pk}/preview/pictures/0"),
        comms.post("/publications/preview", draft),
    ]

    assert (composed["preview"], composed["fits"]) == (None, True)
    assert composed["refusal"].endswith(SAYS)
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "not_connected")] * 3
    assert all(answer.json()["detail"].endswith(SAYS) for answer in answers)


def test_it_is_planned_and_scheduled_as_for_any_other_channel(api: Api, channel: Channel, content: Content) -> None:
    answer = api.as_("comms").post(f"/content/{content.pk}/composition/schedule", {"version": 1})

    assert answer.status_code == 201, answer.content


def test_a_check_is_refused_and_another_kind_connects_it(api: Api, channel: Channel) -> None:
    admin, path = api.as_("admin"), f"/channels/{channel.pk}/connection"

    checked = admin.post(f"{path}/check")
    connected = admin.put(path, {"kind": "share-kit", "settings": {}})

    assert (checked.status_code, checked.json()["code"]) == (409, "not_connected")
    assert checked.json()["detail"].endswith(SAYS)
    assert (connected.status_code, connected.json()["kind"]) == (200, "share-kit")
