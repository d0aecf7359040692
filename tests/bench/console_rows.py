"""The rows that addresses of the console are filled with: the newest of each kind, by the name that an address has."""

from __future__ import annotations

from backend.accounts.models import ApiKey, User
from campaigns.bulletins.models import Bulletin
from campaigns.hiring.models import Candidate, Hire, TrackedLink
from campaigns.mailing.models import MailingList, Subscriber
from campaigns.planning.models import (
    BlogEntry,
    Campaign,
    Channel,
    Content,
    ContentState,
    Event,
    Pause,
    Publication,
    Recurrence,
    Team,
    Vacancy,
)
from media.models import Picture
from scheduler.models import WebhookEndpoint


def ids() -> dict[str, int]:
    in_review = Content.objects.filter(state=ContentState.IN_REVIEW)
    rows = {
        "content_id": in_review if in_review.exists() else Content.objects.all(),
        "vacancy_id": Vacancy.objects.all(),
        "event_id": Event.objects.all(),
        "blog_entry_id": BlogEntry.objects.all(),
        "recurrence_id": Recurrence.objects.all(),
        "bulletin_id": Bulletin.objects.all(),
        "campaign_id": Campaign.objects.all(),
        "publication_id": Publication.objects.all(),
        "channel_id": Channel.objects.filter(connection__isnull=False) or Channel.objects.all(),
        "candidate_id": Candidate.objects.filter(touches__isnull=False),
        "hire_id": Hire.objects.filter(candidate__touches__isnull=False),
        "link_id": TrackedLink.objects.all(),
        "user_id": User.objects.filter(is_program=False),
        "team_id": Team.objects.all(),
        "mailing_list_id": MailingList.objects.all(),
        "picture_id": Picture.objects.all(),
        "api_key_id": ApiKey.objects.all(),
        "subscriber_id": Subscriber.objects.all(),
        "endpoint_id": WebhookEndpoint.objects.all(),
        "pause_id": Pause.objects.all(),
    }
    found = {name: each.order_by("-pk").values_list("pk", flat=True).first() for name, each in rows.items()}
    return {name: pk for name, pk in found.items() if pk is not None}
