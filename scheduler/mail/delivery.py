"""Carries queued mail to the mail servers, a batch a turn; any number of workers may do so at once."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta

import structlog
from django.db import close_old_connections, connection, models

from campaigns.mailing import services as subscriptions
from campaigns.mailing.models import Subscriber
from campaigns.planning.models import Content, Publication
from scheduler.channels.email.adapter import Email
from scheduler.connections.models import Connection
from scheduler.connections.services import adapter_of
from scheduler.errors import DATABASE_ERRORS, NotConnected
from scheduler.leases import database_clock
from scheduler.mail import queue as mailroom
from scheduler.mail.models import Delivery, Outbox

log = structlog.get_logger("promenade.scheduler")
State = Delivery.State


def deliver_due(*, stop: Callable[[], bool] = lambda: False) -> int:
    """One batch for each channel with mail that may go now. Returns how many letters were claimed; none due costs two
    reads and no lock."""
    now = database_clock.database_now()
    channels = set(mailroom.due(now).values_list("channel_id", flat=True).distinct())
    channels -= set(Outbox.objects.filter(not_before__gt=now).values_list("channel_id", flat=True))
    count = 0
    for row in Connection.objects.filter(channel__in=channels, kind=Email.kind, channel__active=True):
        if row.status == Connection.Status.NEEDS_SIGN_IN or stop():
            continue
        try:
            adapter = adapter_of(row)
        except NotConnected as error:
            mailroom.ChannelMailQueue(row.channel_id).back_off(code=error.code, reason=str(error))
            continue
        assert isinstance(adapter, Email)  # noqa: S101 - by its kind
        count += adapter.deliver(stop=stop)
    return count


def give_up_lost_letters() -> int:
    """Whatever stands in sending past its lease lost its worker. The server may have it, so it is never sent again.
    Returns how many."""
    lost = Delivery.objects.filter(state=State.SENDING, lease_until__lt=database_clock.database_now())
    if not lost.exists():
        return 0
    return lost.update(
        state=State.UNKNOWN,
        lease_until=None,
        code="worker_lost",
        message="The worker stopped while sending this email.",
    )


def mend_times() -> int:
    """Bring near what lies further ahead than we ever plan: it was written before the clock was set back. Returns how
    many rows were mended."""
    now = database_clock.database_now()
    rows, ahead = Delivery.objects, timedelta(seconds=1)
    lease, sending = mailroom.LEASE, mailroom.SENDING_LEASE
    later, rest = timedelta(seconds=mailroom.LATER_CAP), timedelta(seconds=mailroom.REST_CAP)
    return (
        rows.filter(state=State.QUEUED, lease_until__gt=now + lease + ahead).update(lease_until=now + lease)
        + rows.filter(state=State.SENDING, lease_until__gt=now + sending + ahead).update(lease_until=now + sending)
        + rows.filter(state=State.QUEUED, due_at__gt=now + later + ahead).update(due_at=now)
        + Outbox.objects.filter(not_before__gt=now + rest + ahead).update(not_before=now)
    )


def cancel_waiting_letters(*, content: Content, code: str, reason: str) -> int:
    """Cancel what is still queued of a content, and say why on each. Returns how many."""
    waiting = Delivery.objects.filter(mailing__publication__content_id=content.pk, state=State.QUEUED)
    return waiting.update(state=State.CANCELLED, lease_until=None, code=code, message=reason)


def delivery_counts(publication: Publication) -> list[tuple[str, int]]:
    """How many of a publication's mails stand where, in words; none where it is no mail."""
    rows = Delivery.objects.filter(mailing__publication_id=publication.pk)
    found = dict(rows.order_by("state").values_list("state").annotate(number=models.Count("pk")))
    return [(state.label, found[state]) for state in Delivery.State if state in found]


def ask_to_confirm(subscriber: Subscriber) -> None:
    """Queue the mail that asks, on the channel that serves the list. Without one nothing is sent."""
    serving = next((row for row in _connections() if subscriber.mailing_list_id in row.settings.get("lists", [])), None)
    if serving is None:
        log.warning("no channel serves this list", mailing_list=subscriber.mailing_list_id)
        return
    domain = str(serving.settings["from_address"]).rpartition("@")[2]
    Delivery.objects.create(
        channel_id=serving.channel_id,
        mailing_list_id=subscriber.mailing_list_id,
        subscriber=subscriber,
        message_id=mailroom.message_id(uuid.uuid4().hex, subscriber.pk, domain),
        due_at=database_clock.database_now(),
    )


def served_lists() -> set[int]:
    """Ids of the lists that some channel sends to."""
    return {pk for row in _connections() for pk in row.settings.get("lists", [])}


def _connections() -> list[Connection]:
    return list(Connection.objects.filter(kind=Email.kind, channel__active=True).order_by("pk"))


def freeze_after_restore() -> int:
    """What waited when the backup was made may have gone out since: it is never sent again by itself."""
    subscriptions.discard_requests()
    return Delivery.objects.filter(state__in=[State.QUEUED, State.SENDING]).update(
        state=State.UNKNOWN,
        lease_until=None,
        code="restored",
        message="It was queued when the backup was made and may have been sent since.",
    )


def count_frozen() -> int:
    """How many are not sent again since a backup was restored."""
    return Delivery.objects.filter(state=State.UNKNOWN, code="restored").count()


class MailWorker:
    """Delivers in a thread of its own, one in each worker, so that a slow mail server never delays publishing."""

    def __init__(self, *, stop: threading.Event, before_batch: Callable[[], object]) -> None:
        self.stop = stop
        self.before_batch = before_batch
        """Notes outside of the database that more mail goes out: see scheduler.installation.restore_detection."""
        self._round: threading.Thread | None = None

    def wake(self) -> None:
        """Begin a round if any mail is due and none is under way. None due costs one read, and no thread."""
        under_way = self._round is not None and self._round.is_alive()
        if (
            not under_way
            and Delivery.objects.filter(state=State.QUEUED, due_at__lte=database_clock.database_now()).exists()
        ):
            self._round = threading.Thread(target=self._deliver, name="mail", daemon=True)
            self._round.start()

    def join(self, timeout: float) -> None:
        if self._round is not None:
            self._round.join(timeout)

    def _deliver(self) -> None:
        try:
            close_old_connections()
            self.before_batch()
            while not self.stop.is_set() and deliver_due(stop=self.stop.is_set):
                self.before_batch()
        except DATABASE_ERRORS as error:
            log.warning("the database does not answer the mail worker", error=type(error).__name__)
        except Exception:  # the next round finds whatever this one missed
            log.exception("the mail worker stumbled")
        finally:
            connection.close()
