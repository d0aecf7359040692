"""A receiver that answers oddly is told by its status, and tried again within bounds."""

from __future__ import annotations

import pytest
from django.utils import timezone

from scheduler.models import WebhookEndpoint
from scheduler.webhooks import deliveries, endpoints
from tests.scheduler.webhooks.conftest import turn
from tests.servers import odd_answers


@pytest.mark.parametrize("head", list(odd_answers.HEADS))
@pytest.mark.parametrize("status", [403, 429])
def test_a_refusal_is_told_by_its_status(endpoint: WebhookEndpoint, status: int, head: str) -> None:
    with odd_answers.running() as server:
        server.says = odd_answers.written(status, odd_answers.HEADS[head], b"[" * 5_000)
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(address=server.address)
        delivery = endpoints.send_test(endpoint=endpoint)
        assert turn() == 0
    delivery.refresh_from_db()
    assert (delivery.status_code, delivery.tries) == (status, 1)
    assert delivery.message == f"It replied with status {status}."
    assert delivery.next_try_at is not None
    assert delivery.next_try_at <= timezone.now() + deliveries.TRIED_FOR
