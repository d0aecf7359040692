"""Delivery of events: at least once, signed, in bounded time, and given up in the end."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection as database
from django.utils import timezone

from backend.audit.models import LogEntry
from scheduler.channels.lib import signing
from scheduler.engine import tasks
from scheduler.engine.dispatcher import Dispatcher
from scheduler.models import WebhookDelivery, WebhookEndpoint
from scheduler.webhooks import deliveries, endpoints
from tests.scheduler.webhooks.conftest import Receiver, make_due, turn


def written(endpoint: WebhookEndpoint, count: int = 1) -> list[WebhookDelivery]:
    return [endpoints.send_test(endpoint=endpoint) for _ in range(count)]


def fresh(row: Any) -> Any:
    row.refresh_from_db()
    return row


def test_a_message_arrives_signed_under_its_id(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    (delivery,) = written(endpoint)
    assert turn() == 1
    assert receiver.messages(endpoint.secret) == [delivery.payload]
    assert receiver.ids() == [str(delivery.event_id)]
    assert (fresh(delivery).outcome, delivery.status_code, delivery.tries) == ("delivered", 200, 1)
    assert turn() == 0


def test_after_a_rotation_both_secrets_verify_for_a_day(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    _, secret = endpoints.rotate_secret(endpoint=endpoint)
    written(endpoint)
    turn()
    assert receiver.messages(secret) == receiver.messages(endpoint.secret)
    WebhookEndpoint.objects.update(former_secret_ends_at=timezone.now())
    receiver.got.clear()
    written(endpoint)
    turn()
    assert receiver.messages(secret)
    with pytest.raises(Exception, match="No matching signature"):
        receiver.messages(endpoint.secret)


def test_a_secret_that_no_key_decrypts_is_told(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    WebhookEndpoint.objects.update(secret="gAAAAA-of-another-key")
    (delivery,) = written(endpoint)
    assert turn() == 0
    assert "cannot be read" in fresh(delivery).message
    assert receiver.got == []


def test_a_failed_try_is_repeated_under_the_same_id(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    (delivery,) = written(endpoint)
    receiver.statuses = [500]
    assert turn() == 0
    assert (fresh(delivery).outcome, delivery.status_code, delivery.tries) == ("", 500, 1)
    assert "500" in delivery.message
    assert delivery.next_try_at > timezone.now()
    assert turn() == 0
    make_due()
    assert turn() == 1
    assert receiver.ids() == [str(delivery.event_id)] * 2
    assert (fresh(delivery).outcome, delivery.message, delivery.tries) == ("delivered", "", 2)


def test_a_receiver_says_when_to_come_back(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    (delivery,) = written(endpoint)
    receiver.statuses, receiver.headers = [429], {"Retry-After": "900"}
    turn()
    wait = (fresh(delivery).next_try_at - timezone.now()).total_seconds()
    assert 895 < wait < 910


def test_a_receiver_that_asks_for_ages_is_given_up_on(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    (delivery,) = written(endpoint)
    receiver.statuses, receiver.headers = [503], {"Retry-After": "9" * 30}
    turn()
    assert fresh(delivery).outcome == "failed"


def test_a_redirect_is_not_followed(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    written(endpoint)
    receiver.statuses, receiver.headers = [302], {"Location": receiver.address}
    assert turn() == 0
    assert len(receiver.got) == 1


def test_no_answer_costs_a_bounded_time(
    endpoint: WebhookEndpoint, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "TIMEOUT", 0.3)
    deliveries_waiting = written(endpoint, 3)
    receiver.pause = threading.Event()
    started = time.monotonic()
    assert turn() == 0
    assert time.monotonic() - started < 1.0
    receiver.pause.set()
    assert [fresh(row).tries for row in deliveries_waiting] == [1, 0, 0]
    assert (deliveries_waiting[0].status_code, "did not give a reply" in deliveries_waiting[0].message) == (None, True)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/?token=hush", "https://192.0.2.1/?token=hush"])
def test_what_cannot_be_called_is_told_without_the_address(
    endpoint: WebhookEndpoint, address: str, capfd: pytest.CaptureFixture[str]
) -> None:
    WebhookEndpoint.objects.update(address=address)
    (delivery,) = written(endpoint)
    assert turn() == 0
    assert fresh(delivery).message
    logged = capfd.readouterr()
    assert "hush" not in delivery.message + logged.out + logged.err


def test_tries_spread_over_about_three_days_and_then_end(
    endpoint: WebhookEndpoint, receiver: Receiver, clock: time_machine.Traveller
) -> None:
    (delivery,) = written(endpoint)
    started = timezone.now()
    failed = deliveries.ReceiverResponse(503, "It replied with status 503.")
    while fresh(delivery).finished_at is None:
        clock.move_to(delivery.next_try_at)
        deliveries.record(delivery, failed)
    assert delivery.outcome == "failed"
    assert timedelta(days=2) < timezone.now() - started <= timedelta(days=3)
    assert 15 <= delivery.tries <= 60


def test_a_receiver_that_fails_for_days_is_given_up_visibly(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    WebhookEndpoint.objects.update(failures=18, failing_since=timezone.now() - timedelta(days=5, hours=1))
    first, second = written(endpoint, 2)
    receiver.statuses = [500, 500]
    turn()
    assert fresh(endpoint).active
    make_due(pk=first.pk)
    turn()
    assert (fresh(endpoint).active, endpoint.failures) == (False, 20)
    assert "20 times in 5 days" in endpoint.disabled_reason
    assert [fresh(row).outcome for row in (first, second)] == ["failed", "failed"]
    last = LogEntry.objects.get_for_object(endpoint).first()
    assert last.changes["active"] == [True, False]
    assert "20 times" in last.changes["disabled_reason"][1]


def test_twenty_failures_within_five_days_are_no_reason_yet(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    WebhookEndpoint.objects.update(failures=50, failing_since=timezone.now() - timedelta(days=4, hours=23))
    written(endpoint)
    receiver.statuses = [500]
    turn()
    assert fresh(endpoint).active


def test_a_success_starts_the_count_anew(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    WebhookEndpoint.objects.update(failures=19, failing_since=timezone.now() - timedelta(days=6))
    written(endpoint)
    turn()
    assert (fresh(endpoint).failures, endpoint.failing_since) == (0, None)


def test_gone_gives_the_receiver_up_at_once(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    written(endpoint)
    receiver.statuses = [410]
    turn()
    assert (fresh(endpoint).active, "410 Gone" in endpoint.disabled_reason) == (False, True)


def test_an_inactive_receiver_gets_nothing(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    written(endpoint)
    endpoints.change_endpoint(endpoint=endpoint, changes={"active": False})
    assert turn() == 0
    assert receiver.got == []


def test_what_waited_for_a_receiver_that_was_switched_off_is_not_sent_later(
    endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    (delivery,) = written(endpoint)
    endpoints.change_endpoint(endpoint=endpoint, changes={"active": False})
    assert (fresh(delivery).outcome, "turned off" in delivery.message) == ("failed", True)
    endpoints.change_endpoint(endpoint=endpoint, changes={"active": True})
    (later,) = written(endpoint)
    assert turn() == 1
    assert receiver.ids() == [str(later.event_id)]


def test_a_change_of_an_active_receiver_keeps_what_waits(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    written(endpoint)
    endpoints.change_endpoint(endpoint=endpoint, changes={"active": True, "description": "Intranet"})
    assert turn() == 1


def test_one_worker_at_a_time_speaks_to_a_receiver(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    written(endpoint)
    (claimed,) = deliveries.claim_due(at_once=4)
    assert deliveries.claim_due(at_once=4) == []
    assert deliveries.deliver(claimed) == 1


def test_a_lost_turn_is_taken_over_and_the_late_worker_sends_nothing(
    endpoint: WebhookEndpoint, receiver: Receiver
) -> None:
    written(endpoint)
    (lost,) = deliveries.claim_due(at_once=4)
    WebhookEndpoint.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    (taken_over,) = deliveries.claim_due(at_once=4)
    assert deliveries.deliver(lost) == 0
    assert receiver.got == []
    assert deliveries.deliver(taken_over) == 1


def test_a_turn_that_is_nearly_over_begins_no_call(endpoint: WebhookEndpoint, receiver: Receiver) -> None:
    written(endpoint)
    (claimed,) = deliveries.claim_due(at_once=4)
    WebhookEndpoint.objects.update(lease_until=timezone.now() + timedelta(seconds=4))
    assert deliveries.deliver(claimed) == 0
    assert receiver.got == []


def test_a_try_is_recorded_once(endpoint: WebhookEndpoint) -> None:
    (delivery,) = written(endpoint)
    deliveries.record(delivery, deliveries.ReceiverResponse(500, "No."))
    deliveries.record(delivery, deliveries.ReceiverResponse(500, "No."))
    assert (fresh(delivery).tries, fresh(endpoint).failures) == (1, 1)


def test_no_more_receivers_at_once_than_allowed_and_who_waits_longest_first(receiver: Receiver, db: None) -> None:
    rows = [endpoints.add_endpoint(address=receiver.address, event_types=["hire.recorded"])[0] for _ in range(3)]
    for row in rows:
        written(row)
    make_due(endpoint=rows[2])
    (first,) = deliveries.claim_due(at_once=1)
    assert first.endpoint_id == rows[2].pk
    assert deliveries.claim_due(at_once=1) == []
    assert len(deliveries.claim_due(at_once=3)) == 2


def test_the_dispatcher_hands_turns_to_the_queue(
    endpoint: WebhookEndpoint, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(endpoint)
    monkeypatch.setattr("scheduler.engine.tasks.close_old_connections", lambda: None)  # the test's own is no old one
    monkeypatch.setattr("scheduler.engine.dispatcher.deliver", tasks.deliver.call_local)
    Dispatcher(stop=threading.Event(), threads=4)._deliver()
    assert len(receiver.got) == 1


def test_what_was_finished_long_ago_is_forgotten(endpoint: WebhookEndpoint) -> None:
    old, recent, waiting = written(endpoint, 3)
    now = timezone.now()
    WebhookDelivery.objects.filter(pk=old.pk).update(finished_at=now - timedelta(days=91))
    WebhookDelivery.objects.filter(pk=recent.pk).update(finished_at=now - timedelta(days=89))
    assert deliveries.forget_old(now=now) == 1
    assert set(WebhookDelivery.objects.values_list("pk", flat=True)) == {recent.pk, waiting.pk}


def replayed(endpoint: WebhookEndpoint) -> list[WebhookDelivery]:
    """A message that was taken, and the same one sent again."""
    (first,) = written(endpoint)
    turn()
    return [first, endpoints.replay_delivery(delivery=fresh(first))]


def test_a_message_is_forgotten_before_its_replay(endpoint: WebhookEndpoint) -> None:
    first, again = replayed(endpoint)
    WebhookDelivery.objects.filter(pk=first.pk).update(finished_at=timezone.now() - timedelta(days=91))
    assert deliveries.forget_old(now=timezone.now()) == 1
    assert (fresh(again).replay_of, again.is_replay) == (None, True)
    assert turn() == 1


def test_a_receiver_is_removed_after_a_replay(endpoint: WebhookEndpoint) -> None:
    replayed(endpoint)
    endpoints.remove_endpoint(endpoint=endpoint)
    assert not WebhookDelivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_workers_that_race_deliver_each_message_once(receiver: Receiver) -> None:
    rows = [endpoints.add_endpoint(address=receiver.address, event_types=["hire.recorded"])[0] for _ in range(3)]
    for row in rows:
        written(row, 5)
    failed: list[Exception] = []

    def work() -> None:
        try:
            while WebhookDelivery.objects.waiting().exists():
                turn()
        except Exception as error:  # told below
            failed.append(error)
        finally:
            database.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert failed == []
    assert len(receiver.got) == len(set(receiver.ids())) == 15


def test_a_made_secret_is_one_that_signs() -> None:
    secrets = {signing.new_secret() for _ in range(3)}
    assert len(secrets) == 3
    assert all(signing.is_secret(secret) for secret in secrets)
