"""What people and visitors can do with candidates, mailing lists, pictures, connections and receivers of events."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from django.utils import timezone
from PIL import Image

from backend.accounts.models import User
from campaigns.hiring import services as hiring
from campaigns.mailing import services as mailing
from campaigns.mailing.models import Subscriber
from scheduler.connections.models import Connection
from scheduler.mail import delivery_report
from scheduler.mail.models import Delivery
from scheduler.mail.queue import ChannelMailQueue
from scheduler.models import WebhookEndpoint
from scheduler.webhooks import endpoints
from scheduler.webhooks.models import WebhookDelivery
from tests import factories
from tests.audit.act import Act
from tests.factories import publishing


def candidate(**fields: Any) -> Any:
    return hiring.add_candidate(reference="AR-1", vacancy=factories.vacancy(), by=None, **fields)


def accepted() -> Any:
    return hiring.record_hire(candidate=candidate(), accepted_on=factories.in_days(-9).date(), by=None)


def touch() -> Any:
    return hiring.add_touch(candidate=candidate(), channel=factories.channel())


def subscriber() -> Subscriber:
    return factories.mailing_list("reader@example.org").subscribers.get()


def pending() -> Subscriber:
    row = factories.mailing_list(audience="public")
    mailing.request_subscription(mailing_list=row, address="reader@example.org", at=timezone.now())
    mailing.answer_requests()
    return row.subscribers.get()


def bounced(_: User) -> dict[str, Any]:
    reader, channel = pending(), factories.channel(category="email")
    Delivery.objects.create(
        channel=channel,
        mailing_list=reader.mailing_list,
        subscriber=reader,
        message_id="<1@example.org>",
        due_at=timezone.now(),
    )
    queue = ChannelMailQueue(channel.pk)
    (letter,) = queue.claim(maximum=1, per_minute=None)
    assert queue.begin(letter)
    return {"report": delivery_report.report_of(message_id="<1@example.org>", status="5.1.1")}


def upload(by: User) -> dict[str, Any]:
    file = BytesIO()
    Image.new("RGB", (64, 48), (1, 2, 3)).save(file, "PNG")
    file.seek(0)
    return {"file": file, "alt_text": "The pier.", "shows_people": False, "by": by}


def connection() -> Connection:
    return publishing.connected().connection


def endpoint() -> WebhookEndpoint:
    return endpoints.add_endpoint(address="https://example.org/hooks", event_types=["publication.sent"])[0]


def delivered() -> WebhookDelivery:
    row = endpoints.send_test(endpoint=endpoint())
    row.finished_at = timezone.now()
    row.save()
    return row


H = "campaigns.hiring.services."
M = "campaigns.mailing.services."
C = "scheduler.connections.services."
W = "scheduler.webhooks.endpoints."
ACTS: dict[str, Act] = {
    f"{H}candidates.add_candidate": Act(lambda by: {"reference": "AR-1", "by": by}, "candidate", "create"),
    f"{H}candidates.change_candidate": Act(
        lambda _: {"candidate": candidate(), "changes": {"phone": "01632 960417"}}, "candidate", "update"
    ),
    f"{H}candidates.move_candidate": Act(
        lambda by: {"candidate": candidate(), "stage": "interview", "by": by}, "candidate", "update"
    ),
    f"{H}hires.record_hire": Act(
        lambda by: {"candidate": candidate(), "accepted_on": factories.in_days(-3).date(), "by": by}, "hire", "create"
    ),
    f"{H}hires.start_hire": Act(
        lambda by: {"hire": accepted(), "started_on": factories.in_days(-2).date(), "by": by}, "hire", "update"
    ),
    f"{H}hires.reverse_hire": Act(lambda by: {"hire": accepted(), "by": by}, "hire", "update"),
    f"{H}touches.add_touch": Act(
        lambda _: {"candidate": candidate(), "channel": factories.channel()}, "touch", "create"
    ),
    f"{H}touches.remove_touch": Act(lambda _: {"touch": touch()}, "touch", "delete"),
    "campaigns.hiring.links.make_link": Act(
        lambda _: {
            "channel": factories.channel(),
            "content": factories.blog_entry(),
            "page_url": "https://example.org/blog/a-day",
        },
        "trackedlink",
        "create",
    ),
    f"{M}add_list": Act(
        lambda _: {"name": "Staff news", "audience": "staff", "from_name": "Riverside"}, "mailinglist", "create"
    ),
    f"{M}change_list": Act(
        lambda _: {"mailing_list": factories.mailing_list(), "changes": {"from_name": "Harbour"}},
        "mailinglist",
        "update",
    ),
    f"{M}import_addresses": Act(
        lambda _: {
            "mailing_list": factories.mailing_list(),
            "addresses": ["reader@example.org"],
            "at": timezone.now(),
        },
        "subscriber",
        "create",
    ),
    f"{M}unsubscribe_subscriber": Act(lambda _: {"subscriber": subscriber()}, "subscriber", "update"),
    f"{M}erase": Act(lambda _: {"subscriber": subscriber()}, "subscriber", "delete"),
    f"{M}confirm": Act(
        lambda _: {"token": pending().confirmation, "at": timezone.now()}, "subscriber", "update", anonymous=True
    ),
    f"{M}unsubscribe": Act(lambda _: {"token": subscriber().token}, "subscriber", "update", anonymous=True),
    "scheduler.mail.bounces.record_bounce": Act(bounced, "subscriber", "update"),
    "media.services.add_picture": Act(upload, "picture", "create"),
    f"{C}connect_channel": Act(
        lambda by: {"channel": factories.channel(), "kind": "told", "settings": {}, "secrets": {}, "by": by},
        "connection",
        "create",
    ),
    f"{C}check_connection": Act(lambda _: {"connection": connection()}, "connection", "update"),
    f"{C}disconnect_channel": Act(lambda _: {"channel": connection().channel}, "connection", "delete"),
    f"{W}add_endpoint": Act(
        lambda _: {"address": "https://example.org/hooks", "event_types": ["publication.sent"]},
        "webhookendpoint",
        "create",
    ),
    f"{W}change_endpoint": Act(
        lambda _: {"endpoint": endpoint(), "changes": {"description": "The intranet"}}, "webhookendpoint", "update"
    ),
    f"{W}rotate_secret": Act(lambda _: {"endpoint": endpoint()}, "webhookendpoint", "update"),
    f"{W}remove_endpoint": Act(lambda _: {"endpoint": endpoint()}, "webhookendpoint", "delete"),
    f"{W}send_test": Act(lambda _: {"endpoint": endpoint()}, "webhookendpoint", "test_message_sent"),
    f"{W}replay_delivery": Act(lambda _: {"delivery": delivered()}, "webhookendpoint", "message_replayed"),
}
