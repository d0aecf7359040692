"""Which changes are announced, with what, and that an announcement stands or falls with its change."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from campaigns.hiring.services import add_candidate, record_hire
from campaigns.planning.models import Channel, Publication
from campaigns.planning.services import content, publications
from scheduler.channels.contract import Health, NotSent, OutcomeUnknown
from scheduler.connections import renewal
from scheduler.models import WebhookDelivery, WebhookEndpoint
from scheduler.webhooks import endpoints, events
from tests import factories
from tests.scheduler.conftest import Remote, Told, send


@pytest.fixture
def listening(db: None) -> WebhookEndpoint:
    types = list(events.EventType.values)
    return endpoints.add_endpoint(address="https://intranet.example.org/", event_types=types)[0]


def announced() -> list[tuple[str, dict]]:
    rows = WebhookDelivery.objects.order_by("id")
    return [(row.event_type, row.payload["data"]) for row in rows]


def test_what_goes_out_is_announced_with_ids_and_where_to_read_more(
    due: Publication, listening: WebhookEndpoint
) -> None:
    send(due)
    (row,) = WebhookDelivery.objects.all()
    assert (row.event_type, row.payload["type"]) == ("publication.sent", "publication.sent")
    assert row.payload["data"] == {
        "publication_id": due.pk,
        "content_id": due.content_id,
        "channel_id": due.channel_id,
        "url": f"{settings.BASE_URL}/api/v1/publications/{due.pk}",
    }


@pytest.mark.parametrize(
    ("answer", "event_type"),
    [
        (NotSent("No.", permanent=True), "publication.failed"),
        (OutcomeUnknown("Who knows."), "publication.unknown"),
        (NotSent("Sign in.", code="needs_sign_in", permanent=True), "publication.held"),
    ],
)
def test_what_does_not_go_out_is_announced(
    due: Publication, remote: Remote, listening: WebhookEndpoint, answer: Exception, event_type: str
) -> None:
    remote.answers.append(answer)
    send(due)
    assert [name for name, _ in announced()] == [event_type]


def test_a_retry_is_no_event(due: Publication, remote: Remote, listening: WebhookEndpoint) -> None:
    remote.answers.append(NotSent("Later.", retry_after=5))
    send(due)
    assert announced() == []


def test_what_is_sent_for_approval_and_approved_is_announced(listening: WebhookEndpoint) -> None:
    entry = factories.in_review(factories.blog_entry())
    ((event_type, data),) = announced()
    assert (event_type, data["content_id"]) == ("content.submitted", entry.pk)
    content.approve_content(content=entry, by=factories.person("approver"))
    _, (event_type, data) = announced()
    assert (event_type, data["content_id"]) == ("content.approved", entry.pk)
    assert data["url"].endswith(f"/api/v1/content/{entry.pk}")


def test_a_hire_is_announced_by_its_id_alone(listening: WebhookEndpoint) -> None:
    vacancy = factories.vacancy()
    candidate = add_candidate(
        reference="R-77", name="Priya Example", email="priya@example.org", vacancy=vacancy, by=None
    )
    hire = record_hire(candidate=candidate, accepted_on=timezone.localdate() - timedelta(days=1), by=None)
    (row,) = WebhookDelivery.objects.filter(event_type="hire.recorded")
    assert row.payload["data"] == {"hire_id": hire.pk, "url": f"{settings.BASE_URL}/api/v1/hires/{hire.pk}"}
    assert not [word for word in ("Priya", "example.org", "R-77") if word in json.dumps(row.payload)]


def test_an_announcement_falls_with_its_change(due: Publication, listening: WebhookEndpoint) -> None:
    def hold_and_stumble() -> None:
        with transaction.atomic():
            publications.hold_publication(publication=due, by=None, reason="Not yet.")
            assert len(announced()) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        hold_and_stumble()
    assert announced() == []


def test_only_who_wants_an_event_hears_of_it_and_all_under_one_id(due: Publication) -> None:
    wanting = [
        endpoints.add_endpoint(address="https://a.example/", event_types=["publication.sent"])[0] for _ in range(2)
    ]
    endpoints.add_endpoint(address="https://b.example/", event_types=["publication.failed"])
    endpoints.add_endpoint(address="https://c.example/", event_types=["publication.sent"], active=False)
    send(due)
    rows = WebhookDelivery.objects.order_by("id")
    assert [row.endpoint for row in rows] == wanting
    assert rows[0].event_id == rows[1].event_id


def test_a_sign_in_that_ends_soon_is_announced(
    channel: Channel, listening: WebhookEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = timezone.now() + timedelta(days=6, hours=1)
    monkeypatch.setattr(Told, "check", lambda *_, **__: Health(True, "told", "", expires_at=ends))

    for _ in range(2):
        renewal.maintain_connection(connection_id=channel.connection.pk)

    ((event_type, data),) = announced()
    assert (event_type, data["channel_id"], data["expires_at"], data["days"]) == (
        "connection.expiring",
        channel.pk,
        ends.isoformat(),
        6,
    )
