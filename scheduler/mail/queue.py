"""Recipients and deliveries of one channel, as the e-mail adapter sees them: rows, claimed by compare-and-set.

A letter is written down as sending before the server gets its text, and never sent again after that unless the server
said that it did not take it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from pydantic import TypeAdapter, ValidationError

from campaigns.mailing import services as subscriptions
from campaigns.mailing.models import MailingList, Subscriber, SubscriberStatus
from campaigns.planning.models import (
    Audience,
    Channel,
    Content,
    ContentState,
    Pause,
    Publication,
    content_ended_by,
)
from campaigns.website import addresses
from media import uses
from scheduler.channels.contract import DeliveryOutcome, Letter, MailText, NotSent, Picture, Receipt
from scheduler.connections.models import Connection
from scheduler.errors import UnreadableMailing
from scheduler.leases import database_clock, row_leases
from scheduler.leases.back_off import even_back_off
from scheduler.mail.models import Delivery, Mailing, MailingPicture, Outbox

_MAIL_TEXT = TypeAdapter(MailText)
LEASE = timedelta(seconds=60)
"""How long a batch is one worker's: longer than a turn with its last letter."""
SENDING_LEASE = timedelta(seconds=50)
"""Longer than both halves of a letter; whatever is sending after that lost its worker."""
TRIES = 12
LATER_BASE = 60.0  # seconds; a server that greylists wants minutes
LATER_CAP = 3600.0  # seconds
REST_BASE = 10.0  # seconds
REST_CAP = 900.0  # seconds
OPEN_STATES = (Delivery.State.QUEUED, Delivery.State.SENDING, Delivery.State.UNKNOWN)

State = Delivery.State
log = structlog.get_logger("promenade.scheduler")


def message_id(key: str, subscriber_id: int, domain: str) -> str:
    """The same on every try of one mail, and no two mails share it."""
    digest = hashlib.sha256(f"{key}:{subscriber_id}".encode()).hexdigest()[:40]
    return f"<{digest}@{domain}>"


def due(now: datetime) -> QuerySet[Delivery]:
    """Queued, at or past its time, claimed by nobody, and not kept back by a pause. Who is asked to confirm is asked
    all the same: a pause is of what we publish."""
    rows = Delivery.objects.filter(row_leases.unclaimed(now), state=State.QUEUED, due_at__lte=now)
    for pause in Pause.objects.active():
        kept_back = Q(mailing__isnull=False)
        if pause.channel_id:
            kept_back &= Q(channel_id=pause.channel_id)
        if pause.campaign_id:
            kept_back &= Q(mailing__publication__content__campaign_id=pause.campaign_id)
        rows = rows.exclude(kept_back)
    return rows


def _wanted() -> Q:
    """Still to be sent: who has left, or is known to bounce, gets nothing; who confirmed is not asked again."""
    told = Q(mailing__isnull=False, subscriber__status=SubscriberStatus.SUBSCRIBED)
    return told | Q(mailing=None, subscriber__status=SubscriberStatus.PENDING)


def _over(now: datetime) -> Q:
    """Tells of what nobody needs to read any more: by then its content was withdrawn or archived, or its vacancy or
    event was over."""
    content = "mailing__publication__content__"
    gone = Q(**{f"{content}state__in": [ContentState.WITHDRAWN, ContentState.ARCHIVED]})
    return gone | content_ended_by(now, content)


class ChannelMailQueue:
    """The mail queue of one channel; of none (0), nothing can be queued and nothing waits."""

    def __init__(self, channel_id: int) -> None:
        self.channel_id = channel_id

    def queue(
        self, *, key: str, lists: tuple[int, ...], domain: str, mail: MailText, pictures: tuple[Picture, ...]
    ) -> Receipt:
        found = self.find(key=key)
        if found is not None:
            return found
        channel = Channel.objects.filter(pk=self.channel_id).first()
        if channel is None:
            raise NotSent("This channel no longer exists.", code="not_connected", permanent=True)
        chosen = _chosen(lists, channel)
        try:
            with transaction.atomic():
                publication = _unwithdrawn(key)
                body = asdict(mail)
                mailing = Mailing.objects.create(key=key, publication=publication, channel=channel, body=body)
                MailingPicture.objects.bulk_create(_picture_row(mailing, picture) for picture in pictures)
                if ids := [picture.id for picture in pictures if picture.id is not None]:
                    uses.record_uses(kind="mailing", row_id=mailing.pk, picture_ids=ids)
                rows = list(_rows(mailing, chosen, domain))
                if not rows:
                    raise NotSent("Nobody is subscribed to these lists yet.", code="no_recipients", permanent=True)
                Delivery.objects.bulk_create(rows, batch_size=500)
        except IntegrityError:  # another worker queued it at the same moment
            found = self.find(key=key)
            if found is None:
                raise
            return found
        log.info("mail queued", mailing=mailing.pk, letters=len(rows))
        return _receipt(mailing)

    def find(self, *, key: str) -> Receipt | None:
        mailing = Mailing.objects.filter(key=key).first()
        return _receipt(mailing) if mailing else None

    def describe(self, lists: tuple[int, ...]) -> str:
        chosen = _chosen(lists, Channel.objects.get(pk=self.channel_id))
        number = Subscriber.objects.filter(mailing_list__in=chosen, status=SubscriberStatus.SUBSCRIBED).count()
        return f"Subscribed to {', '.join(row.name for row in chosen)}: {number}."

    def claim(self, *, maximum: int, per_minute: int | None) -> list[Letter]:
        with transaction.atomic():
            now = database_clock.database_now()
            outbox, _ = Outbox.objects.select_for_update().get_or_create(channel_id=self.channel_id)
            if outbox.not_before is not None and outbox.not_before > now:
                return []
            rows = due(now).filter(channel_id=self.channel_id).order_by("due_at", "pk")
            maximum = maximum if per_minute is None else min(maximum, max(1, per_minute // 6))
            claimed = Delivery.objects.filter(pk__in=row_leases.lock(rows, limit=maximum))
            claimed.exclude(_wanted()).update(state=State.CANCELLED, code="left", message="No longer subscribed.")
            over = claimed.filter(_over(now), state=State.QUEUED)
            over.update(state=State.CANCELLED, code="content_ended", message="The content is no longer available.")
            wanted = claimed.filter(state=State.QUEUED)
            number = row_leases.claim(wanted, until=now + LEASE)
            if per_minute is not None and number:
                Outbox.objects.filter(pk=outbox.pk).update(not_before=now + timedelta(minutes=number / per_minute))
            chosen = wanted.select_related("mailing", "mailing_list", "subscriber").order_by("due_at", "pk")
            return list(_letters(chosen))

    def begin(self, letter: Letter) -> bool:
        now = database_clock.database_now()
        mine = Delivery.objects.filter(_wanted(), pk=letter.delivery_id, fence=letter.fence)
        won = mine.filter(state=State.QUEUED, lease_until__gt=now).update(
            state=State.SENDING, lease_until=now + SENDING_LEASE, tries=F("tries") + 1
        )
        return bool(won)

    def record(self, letter: Letter, outcome: DeliveryOutcome) -> None:
        mine = Delivery.objects.filter(pk=letter.delivery_id, fence=letter.fence, state__in=OPEN_STATES)
        if outcome.state == "sent":
            mine.update(state=State.SENT, sent_at=database_clock.database_now(), lease_until=None, code="", message="")
            return
        with transaction.atomic():
            row = mine.select_for_update(of=("self",)).select_related("subscriber").first()
            if row is None:
                return
            _note(row, outcome, letter.address)
            if outcome.bad_address and row.subscriber is not None:
                subscriptions.mark_bounced(subscriber=row.subscriber)
        log.info("mail tried", delivery=letter.delivery_id, state=row.state, code=outcome.code)

    def release(self, letters: list[Letter]) -> None:
        for letter in letters:
            queued = Delivery.objects.filter(state=State.QUEUED)
            row_leases.release(queued, pk=letter.delivery_id, fence=letter.fence)

    def back_off(self, *, code: str, reason: str) -> None:
        with transaction.atomic():
            now = database_clock.database_now()
            row, _ = Outbox.objects.select_for_update().get_or_create(channel_id=self.channel_id)
            wait = even_back_off(row.failures, base=REST_BASE, cap=REST_CAP)
            row.failures, row.not_before, row.reason = row.failures + 1, now + wait, reason
            row.save()
            connection = Connection.objects.filter(channel_id=self.channel_id)
            if code == "needs_sign_in":
                connection.mark_signed_out(reason, now)
            else:
                connection.update(message=reason)
        log.warning("mail rests", channel=self.channel_id, code=code, seconds=wait.total_seconds())

    def clear_back_off(self) -> None:
        if Outbox.objects.filter(channel_id=self.channel_id, failures__gt=0).update(failures=0, reason=""):
            Connection.objects.filter(channel_id=self.channel_id).update(
                message=("The mail server is accepting email again.")
            )


def _receipt(mailing: Mailing) -> Receipt:
    return Receipt(remote_id=str(mailing.pk), url="")


def _unwithdrawn(key: str) -> Publication | None:
    """The publication with this key. Whoever withdraws its content holds this lock: nothing is queued behind a
    withdrawal. Raises NotSent."""
    publication = Publication.objects.filter(key=key).first()
    if publication is None:
        return None
    content = Content.objects.select_for_update().get(pk=publication.content_id)
    if content.state in (ContentState.WITHDRAWN, ContentState.ARCHIVED):
        raise NotSent("The content was withdrawn, so nothing was sent.", code="content_withdrawn", permanent=True)
    return publication


def _chosen(lists: tuple[int, ...], channel: Channel) -> list[MailingList]:
    """The lists in the order given. Raises NotSent."""
    found = {row.pk: row for row in MailingList.objects.filter(pk__in=lists)}
    missing = [str(pk) for pk in lists if pk not in found]
    if missing:
        raise NotSent(
            f"There is no mailing list {', '.join(missing)}. Choose this channel's lists again.",
            code="no_such_list",
            permanent=True,
        )
    public = [row.name for row in found.values() if row.audience == Audience.PUBLIC]
    if channel.audience == Audience.STAFF and public:
        raise NotSent(
            f"This channel is for staff, and anyone can subscribe to {', '.join(public)}. Choose staff lists.",
            code="audience",
            permanent=True,
        )
    return [found[pk] for pk in dict.fromkeys(lists)]


def _rows(mailing: Mailing, lists: list[MailingList], domain: str) -> Iterator[Delivery]:
    """An address on several of the lists gets one mail, as a reader of the first."""
    seen: set[str] = set()
    for mailing_list in lists:
        subscribed = mailing_list.subscribers.filter(status=SubscriberStatus.SUBSCRIBED).order_by("pk")
        for pk, address in subscribed.values_list("pk", "address"):
            if address in seen:
                continue
            seen.add(address)
            yield Delivery(
                mailing=mailing,
                channel_id=mailing.channel_id,
                mailing_list=mailing_list,
                subscriber_id=pk,
                message_id=message_id(mailing.key, pk, domain),
                due_at=mailing.created_at,
            )


def _picture_row(mailing: Mailing, picture: Picture) -> MailingPicture:
    return MailingPicture(
        mailing=mailing,
        data=picture.data,
        media_type=picture.media_type,
        alt_text=picture.alt_text,
        width=picture.width,
        height=picture.height,
    )


def _mail_text(mailing: Mailing) -> MailText:
    try:
        return _MAIL_TEXT.validate_python(mailing.body)
    except ValidationError as error:
        names = ", ".join(".".join(map(str, each["loc"])) or "body" for each in error.errors())
        raise UnreadableMailing(f"The mail of the mailing {mailing.pk} cannot be read ({names}).") from None


def _letters(rows: Iterable[Delivery]) -> Iterator[Letter]:
    pictures: dict[int, tuple[Picture, ...]] = {}
    for row in rows:
        assert row.subscriber is not None  # noqa: S101 - claimed only while subscribed
        told = row.mailing
        if told is not None and told.pk not in pictures:
            pictures[told.pk] = tuple(
                Picture(bytes(each.data), each.media_type, each.alt_text, each.width, each.height)
                for each in told.pictures.all()
            )
        yield Letter(
            delivery_id=row.pk,
            fence=row.fence,
            message_id=row.message_id,
            address=row.subscriber.address,
            list_id=row.mailing_list_id,
            list_name=row.mailing_list.name,
            from_name=row.mailing_list.from_name,
            link=addresses.unsubscribe_url(row.subscriber.token)
            if told
            else addresses.confirm_url(row.subscriber.confirmation or ""),
            mail=_mail_text(told) if told else None,
            pictures=pictures[told.pk] if told else (),
        )


def _note(row: Delivery, outcome: DeliveryOutcome, address: str) -> None:
    now = database_clock.database_now()
    row.code, row.message, row.lease_until = outcome.code[:60], without_address(outcome.message, address), None
    if outcome.state == "unknown":
        row.state = State.UNKNOWN
    elif outcome.state == "refused":
        row.state = State.REFUSED
    else:
        _try_later(row, now)
    row.save(update_fields=["state", "code", "message", "lease_until", "due_at", "tries"])


def _try_later(row: Delivery, now: datetime) -> None:
    if row.state == State.QUEUED:  # not begun: the try was the envelope
        row.tries += 1
    if row.tries >= TRIES:
        row.state, row.code = State.REFUSED, "gave_up"
        return
    row.state = State.QUEUED
    row.due_at = now + even_back_off(row.tries, base=LATER_BASE, cap=LATER_CAP)


def without_address(said: str, address: str = "") -> str:
    """What a server said, without naming the recipient: rows outlive an erased address."""
    local = address.rpartition("@")[0]
    for named in (address, local if len(local) > 2 else ""):
        if named:
            said = re.sub(re.escape(named), "…", said, flags=re.IGNORECASE)
    return re.sub(r"[^\s<>\"'(),:;]+@[^\s<>\"'(),:;]+", "…", said)[:1000]
