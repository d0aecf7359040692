"""Every few seconds: what stands, what of it is news, and who is told. Nothing is sent here.

A cause is told once to each destination, and again when it has changed or, after it was over, comes back. What comes up
within a short while goes into one message. Several processes may ask for a round at one moment: one does it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from backend.accounts.models import User
from backend.notifications import attention, messages
from backend.notifications.attention.item import AttentionItem, concerns
from backend.notifications.causes import Cause, Timing
from backend.notifications.models import Destination, Message, Notice, Round, Telling
from campaigns.planning import organisation_clock
from scheduler.leases import row_leases

EVERY = timedelta(seconds=15)
GATHER = timedelta(seconds=45)
"""What comes up within this time goes together."""
BETWEEN = timedelta(minutes=10)
"""From one message to a destination to its next."""
SAME_AGAIN = timedelta(hours=1)
"""A cause that is over and comes back within this time of its telling waits until then."""
REMEMBERED = timedelta(days=60)
MESSAGES_KEPT = timedelta(days=90)
SATURDAY = 5

Key = tuple[str, str]


def run_if_due(now: datetime) -> int:
    """Returns how many messages were written; a round that is not due costs one read."""
    if not Round.objects.filter(pk=1).exists():
        Round.objects.get_or_create(pk=1, defaults={"next_at": now})
    if not row_leases.reserve(Round.objects.all(), column="next_at", now=now, lasting=EVERY, limit=1):
        return 0
    return run(now)


@transaction.atomic
def run(now: datetime) -> int:
    """Look at every cause and write the messages that are due. Twice in a row, the second one writes nothing."""
    list(Round.objects.select_for_update().filter(pk=1))
    items = attention.open_items(now)
    opened = _note(items, now)
    _add_own_email()
    written = 0
    rows = Destination.objects.filter(active=True).select_related("person")
    for destination in rows.filter(person=None) | rows.filter(person__is_active=True, person__is_program=False):
        written += _tell(destination, items, opened, now)
    return written


def _note(items: Iterable[AttentionItem], now: datetime) -> dict[Key, Notice]:
    """Bring the open notices in step with what stands. Returns them by cause and key."""
    before = {(row.cause, row.key): row for row in Notice.objects.all()}
    standing: dict[Key, Notice] = {}
    for item in items:
        key = (str(item.cause), item.key)
        row = before.get(key)
        if row is None:
            row = Notice(cause=item.cause, key=item.key, version=item.version, opened_at=now, changed_at=now)
            row.save()
        elif row.version != item.version:
            row.version, row.changed_at = item.version, now
            row.save(update_fields=["version", "changed_at"])
        standing[key] = row
    over = [row.pk for key, row in before.items() if key not in standing]
    Notice.objects.filter(pk__in=over).delete()
    return standing


def _add_own_email() -> None:
    """Whoever signs in with an email address is told there until they choose otherwise."""
    people = User.objects.filter(is_active=True, is_program=False).exclude(destinations__kind=Destination.Kind.EMAIL)
    Destination.objects.bulk_create(
        [Destination(person=person, kind=Destination.Kind.EMAIL) for person in people], ignore_conflicts=True
    )


def _tell(destination: Destination, items: list[AttentionItem], opened: dict[Key, Notice], now: datetime) -> int:
    concerned = [item for item in items if _concerns(destination, item)]
    local = now.astimezone(_zone(destination))
    if not concerned or _is_quiet(destination, local):
        return 0
    told = {(row.cause, row.key): row for row in destination.tellings.all()}
    by_timing = {timing: [item for item in concerned if destination.timing(item.cause) == timing] for timing in Timing}
    at_once = by_timing[Timing.AT_ONCE]
    fresh = [item for item in at_once if _is_news(item, opened, told, now)]
    written = 0
    if fresh and _gathered(destination, fresh, opened, now):
        written += _write(destination, messages.compose_news(destination, fresh), fresh, now)
    if destination.summary_on != local.date() and local.time() >= destination.summary_at:
        summary = by_timing[Timing.SUMMARY]
        if any(_is_news(item, opened, told, now) for item in summary):
            standing = summary + [item for item in at_once if item not in fresh]
            written += _write(destination, messages.compose_summary(destination, standing), standing, now)
        Destination.objects.filter(pk=destination.pk).update(summary_on=local.date())
    return written


def _concerns(destination: Destination, item: AttentionItem) -> bool:
    """A shared destination is told of everything but what is one person's."""
    if item.cause == Cause.NOTIFICATIONS_FAILING and item.key == str(destination.pk):
        return False
    if destination.person is None:
        return item.only_for is None
    return concerns(destination.person, item)


def _is_news(item: AttentionItem, opened: dict[Key, Notice], told: dict[Key, Telling], now: datetime) -> bool:
    key = (str(item.cause), item.key)
    before, notice = told.get(key), opened[key]
    if before is None or before.version != item.version:
        return True
    if item.is_post and before.told_at < item.since <= now and _is_later_day(item.since, before.told_at):
        return True  # posts of a later day joined those that stand
    return notice.opened_at > before.told_at and now - before.told_at >= SAME_AGAIN


def _is_later_day(at: datetime, than: datetime) -> bool:
    return organisation_clock.day_of(at) > organisation_clock.day_of(than)


def _gathered(destination: Destination, fresh: list[AttentionItem], opened: dict[Key, Notice], now: datetime) -> bool:
    """Whether the first of these has waited for others, and the message before is a while ago."""
    first = min(opened[(str(item.cause), item.key)].changed_at for item in fresh)
    if now - first < GATHER:
        return False
    return not destination.messages.filter(created_at__gt=now - BETWEEN).exists()


def _write(destination: Destination, message: Message, items: list[AttentionItem], now: datetime) -> int:
    message.created_at = message.due_at = now
    message.save()
    tellings = [
        Telling(destination=destination, cause=item.cause, key=item.key, version=item.version, told_at=now)
        for item in items
    ]
    Telling.objects.bulk_create(
        tellings,
        update_conflicts=True,
        update_fields=["version", "told_at"],
        unique_fields=["destination", "cause", "key"],
    )
    return 1


def _zone(destination: Destination) -> ZoneInfo:
    return ZoneInfo(destination.person.zone) if destination.person else organisation_clock.organisation_zone()


def _is_quiet(destination: Destination, local: datetime) -> bool:
    if destination.quiet_weekends and local.weekday() >= SATURDAY:
        return True
    start, end = destination.quiet_from, destination.quiet_until
    if start is None or end is None or start == end:
        return False
    clock: time = local.time()
    return start <= clock < end if start < end else clock >= start or clock < end


def forget_old() -> int:
    """Messages and tellings of long ago. Returns how many."""
    now = timezone.now()
    messages_gone, _ = Message.objects.filter(created_at__lt=now - MESSAGES_KEPT).delete()
    stands = Exists(Notice.objects.filter(cause=OuterRef("cause"), key=OuterRef("key")))
    gone, _ = Telling.objects.filter(~stands, told_at__lt=now - REMEMBERED).delete()
    return messages_gone + gone
