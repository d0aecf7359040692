"""One row of each kind, so that every address of the console can be filled in."""

from __future__ import annotations

import re
from datetime import time
from typing import Any

from django.urls import URLPattern

from backend.accounts import services as accounts
from backend.notifications import destinations
from campaigns.hiring import links
from campaigns.hiring.services import candidates, hires
from campaigns.mailing.models import Subscriber
from campaigns.planning.services.timing import pauses, quiet_periods, slots
from scheduler.connections import services as connections
from scheduler.webhooks import endpoints
from tests import factories


def rows() -> dict[str, Any]:
    """By the name that an address gives it: `content_id` and so on."""
    hr = factories.person("hr")
    entry, event, vacancy, bulletin = (
        factories.blog_entry(),
        factories.event(),
        factories.approved_vacancy(),
        factories.bulletin(),
    )
    factories.in_review(entry)
    publication = factories.publication(of=vacancy)
    candidate = candidates.add_candidate(reference="C-1", vacancy=vacancy, by=hr)
    hire = hires.record_hire(candidate=candidate, accepted_on=vacancy.opens_at.date(), by=hr)
    channel = publication.channel
    connections.connect_channel(
        channel=channel, kind="mastodon", settings={"instance": "https://social.example"}, secrets={"access_token": "t"}
    )
    mailing_list = factories.mailing_list("reader@example.org")
    endpoint, _ = endpoints.add_endpoint(address="https://hooks.example.org/", event_types=["publication.sent"])
    key, _ = accounts.create_api_key(name="The intranet", role="reader")
    night = {"weekdays": ["MO"], "from_time": time(21), "to_time": time(7), "zone": "Europe/London"}
    return {
        "content_id": entry.pk,
        "vacancy_id": vacancy.pk,
        "event_id": event.pk,
        "entry_id": entry.pk,
        "blog_entry_id": entry.pk,
        "bulletin_id": bulletin.pk,
        "campaign_id": factories.campaign().pk,
        "publication_id": publication.pk,
        "channel_id": publication.channel_id,
        "candidate_id": candidate.pk,
        "hire_id": hire.pk,
        "user_id": hr.pk,
        "team_id": factories.team().pk,
        "mailing_list_id": mailing_list.pk,
        "subscriber_id": Subscriber.objects.get(mailing_list=mailing_list).pk,
        "endpoint_id": endpoint.pk,
        "destination_id": destinations.own_email(factories.person("admin")).pk,
        "delivery_id": endpoints.send_test(endpoint=endpoint).pk,
        "slot_id": slots.add_slot(channel=channel, weekday="MO", time=time(9), zone="Europe/London").pk,
        "period_id": quiet_periods.add_quiet_period(channel=channel, kind="quiet", by=hr, **night).pk,
        "pause_id": pauses.start_pause(by=hr, reason="A quiet week").pk,
        "api_key_id": key.pk,
        "link_id": links.link_for_publication(publication=publication, page_url="https://example.org/a").pk,
        "picture_id": factories.picture().pk,
        "recurrence_id": factories.recurrence().pk,
        "passkey_id": 0,  # only buttons name one
    }


def address_of(pattern: URLPattern, known: dict[str, Any]) -> str:
    """The pattern's address with ids of `known` rows."""
    return "/console/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(known[found[1]]), str(pattern.pattern))
