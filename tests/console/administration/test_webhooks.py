"""Webhooks in the console: who is told of what, what they were told, and sending it again."""

from __future__ import annotations

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import User
from campaigns.planning.models import Organisation
from scheduler.models import WebhookDelivery, WebhookEndpoint
from scheduler.webhooks import endpoints
from tests import factories
from tests.console.speaking import Console

pytestmark = pytest.mark.django_db
ADDRESS = "https://intranet.example.org/hooks"


def receiver() -> WebhookEndpoint:
    row, _ = endpoints.add_endpoint(address=ADDRESS, event_types=["publication.sent"], description="Intranet")
    return row


def test_receiver_is_added_and_its_secret_shown_once(admin: User) -> None:
    speaks = Console(admin)

    status, page = speaks.send("/webhooks/new", address=ADDRESS, description="Intranet", event_types="publication.sent")

    row = WebhookEndpoint.objects.get()
    assert (status, row.active, row.event_types) == (200, True, ["publication.sent"])
    assert row.secret in page
    for path in ("/webhooks", f"/webhooks/{row.pk}", f"/webhooks/{row.pk}/change"):
        assert row.secret not in speaks.see(path)
    assert "A post was published" in speaks.see(f"/webhooks/{row.pk}")


def test_bad_address_is_named_and_kept(admin: User) -> None:
    _, page = Console(admin).send("/webhooks/new", address="intranet", event_types="publication.sent")

    assert "Enter a full web address" in page
    assert 'value="intranet"' in page
    assert not WebhookEndpoint.objects.exists()


def test_receiver_that_was_given_up_starts_anew_only_when_it_is_put_in_use(admin: User) -> None:
    row = receiver()
    WebhookEndpoint.objects.filter(pk=row.pk).update(active=False, failures=9, disabled_at=timezone.now())
    speaks = Console(admin)

    def change(**more: str) -> None:
        seen = speaks.see(f"/webhooks/{row.pk}/change").split('name="seen" value="')[1].split('"')[0]
        form = {"address": ADDRESS, "description": "Ours", "event_types": "publication.sent", "seen": seen}
        assert speaks.send(f"/webhooks/{row.pk}/change", **form | more)[0] == 302
        row.refresh_from_db()

    assert "Stopped" in speaks.see("/webhooks")
    change()
    assert (row.description, row.failures, row.active) == ("Ours", 9, False)
    change(active="on")
    assert (row.failures, row.active, row.disabled_at) == (0, True, None)


def test_message_is_sent_again(admin: User) -> None:
    row = receiver()
    speaks = Console(admin)
    speaks.send(f"/webhooks/{row.pk}/test")
    first = WebhookDelivery.objects.get()

    assert "still waiting" in speaks.send(f"/webhooks/deliveries/{first.pk}/replay")[1]
    WebhookDelivery.objects.update(finished_at=timezone.now(), outcome="failed", message="It answered with 500.")
    page = speaks.see(f"/webhooks/{row.pk}")
    speaks.send(f"/webhooks/deliveries/{first.pk}/replay")

    assert "Test message" in page
    assert "It answered with 500." in page
    assert WebhookDelivery.objects.filter(replay_of=first, event_id=first.event_id).exists()


def test_secret_is_rotated_and_receiver_removed(admin: User) -> None:
    row = receiver()
    speaks = Console(admin)

    _, page = speaks.send(f"/webhooks/{row.pk}/rotate-secret")

    former, row = row.secret, WebhookEndpoint.objects.get()
    assert row.secret != former
    assert row.secret in page
    speaks.send(f"/webhooks/{row.pk}/remove")
    assert not WebhookEndpoint.objects.exists()


@pytest.mark.parametrize("role", ["comms", "approver", "hr", "reader"])
def test_only_an_administrator_sees_them(role: str) -> None:
    row = receiver()
    speaks = Console(factories.person(role))

    speaks.see("/webhooks", status=403)
    speaks.see(f"/webhooks/{row.pk}", status=403)
    assert "/console/webhooks" not in speaks.see("/")


def test_pages_cost_few_queries(django_assert_max_num_queries: DjangoAssertNumQueries, admin: User) -> None:
    row = receiver()
    for _ in range(40):
        endpoints.send_test(endpoint=row)
    Organisation.current()
    speaks = Console(admin)

    for path in ("/webhooks", f"/webhooks/{row.pk}"):
        with django_assert_max_num_queries(12):
            speaks.see(path)
