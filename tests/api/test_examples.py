"""The examples in the document are requests that work."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.services import create_api_key
from backend.notifications import destinations
from campaigns.hiring.services import add_candidate, record_hire
from campaigns.planning.models import Channel, Publication, Vacancy
from campaigns.planning.services import compositions, publications
from campaigns.planning.services.timing import pauses, slots
from scheduler.connections import services as connections
from scheduler.mail.models import Delivery
from scheduler.webhooks import endpoints
from tests import factories
from tests.adapter import Remote
from tests.api.document import DOCUMENT
from tests.conftest import Api
from tests.factories import publishing

BODIES = {
    f"{method.upper()} {path}": operation["requestBody"]["content"]["application/json"]["schema"]
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
    if "application/json" in operation.get("requestBody", {}).get("content", {})
}


def examples_of(schema: dict[str, Any]) -> list[dict[str, Any]]:
    schema = _resolved(schema)
    if "examples" in schema:
        return list(schema["examples"])
    by_field = {name: field["examples"][0] for name, field in schema["properties"].items() if "examples" in field}
    return [by_field] if by_field else []


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    found: dict[str, Any] = DOCUMENT["components"]["schemas"][name] if name else schema
    return found


def mail_ids(channel: Channel) -> dict[str, int]:
    """A list, its subscriber, and a mail to them that can come back."""
    mailing_list = factories.mailing_list("amy.reader@example.org")
    subscriber = mailing_list.subscribers.get()
    delivery = Delivery.objects.create(
        channel=channel,
        mailing_list=mailing_list,
        subscriber=subscriber,
        message_id="<1@example.org>",
        state="sent",
        due_at=timezone.now(),
    )
    return {"list_id": mailing_list.pk, "subscriber_id": subscriber.pk, "delivery_id": delivery.pk}


@pytest.fixture(scope="module")
def house(module_db: None) -> tuple[Vacancy, Publication, dict[str, int]]:
    """One row of each. The vacancy is a draft, and its publication waits."""
    campaign, team, channel = factories.campaign(), factories.team(), factories.channel()
    vacancy = factories.vacancy(campaign_id=campaign.pk, team_id=team.pk, closes_at=datetime(2035, 1, 1, tzinfo=UTC))
    publication = factories.publication(of=vacancy, on=channel)
    slots.add_slot(channel=channel, weekday="MO", time=time(9), zone="Europe/London")
    candidate = add_candidate(reference="EXAMPLE-1", vacancy=vacancy, by=None)
    hired = add_candidate(reference="EXAMPLE-2", vacancy=vacancy, by=None)
    hire = record_hire(candidate=hired, accepted_on=date(2018, 1, 2), by=None)
    known = {
        "campaign_id": campaign.pk,
        "team_id": team.pk,
        "host_team_id": team.pk,
        "channel_id": channel.pk,
        "stated_channel_id": channel.pk,
        "content_id": vacancy.pk,
        "vacancy_id": vacancy.pk,
        "publication_id": publication.pk,
        "candidate_id": candidate.pk,
        "hire_id": hire.pk,
        "pause_id": pauses.start_pause(reason="Example.", by=None).pk,
        "recurrence_id": factories.recurrence(of=vacancy, on=channel).pk,
        "event_id": factories.event().pk,
        "entry_id": factories.blog_entry().pk,
        "bulletin_id": factories.bulletin().pk,
        **mail_ids(channel),
        "user_id": factories.person("comms").pk,
        "api_key_id": create_api_key(name="Another", role="reader")[0].pk,
        "endpoint_id": endpoints.add_endpoint(address="https://example.org/", event_types=["hire.recorded"])[0].pk,
        "destination_id": destinations.add_destination(
            by=factories.person("admin"), kind="email", shared=True, name="All", address="comms@example.org"
        ).pk,
    }
    return vacancy, publication, known


@pytest.fixture
def ids(db: None, remote: Remote, house: tuple[Vacancy, Publication, dict[str, int]], action: str) -> dict[str, int]:
    """The rows, in the state that the action starts from."""
    vacancy, publication, known = house
    channel = publication.channel
    if action in ("approve", "return"):
        factories.in_review(Vacancy.objects.get(pk=vacancy.pk))
    elif action in ("mark-published", "withdraw", "archive"):
        factories.approved(Vacancy.objects.get(pk=vacancy.pk))
    elif action == "retry":
        return known | {"publication_id": publishing.failed().pk}
    elif action == "preview":
        connections.connect_channel(channel=channel, kind="share-kit", settings={}, secrets={})
    elif action == "schedule":
        compositions.save_composition(
            content=vacancy,
            version=0,
            chosen=[compositions.ChannelText(channel)],
            times=[datetime(2030, 9, 3, 8, 30)],
            by=None,
        )
    elif action == "release":
        publications.hold_publication(publication=publication, by=None, reason="Not yet.")
    return known


@pytest.fixture
def action(where: str) -> str:
    return where.rsplit("/", 1)[-1]


def with_ids(value: Any, ids: dict[str, int]) -> Any:
    """The document speaks of id 1; here the rows have other ids."""
    if isinstance(value, list):
        return [with_ids(inner, ids) for inner in value]
    if isinstance(value, dict):
        return {
            name: ids[name] if name in ids and inner is not None else with_ids(inner, ids)
            for name, inner in value.items()
        }
    return value


@pytest.mark.parametrize("where", BODIES)
def test_each_example_in_the_document_is_accepted(where: str, ids: dict[str, int], api: Api) -> None:
    method, path = where.split(" ", 1)
    address = re.sub(r"{(\w+)}", lambda found: str(ids[found[1]]), path)
    found = examples_of(BODIES[where])
    assert found, "An operation that takes a body shows an example of it."

    for example in found:
        answer = api.as_("admin").send(method, address, with_ids(example, ids))

        assert answer.status_code in (200, 201, 204), answer.content.decode()
