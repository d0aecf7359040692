"""One row of each kind, so that every address of the console can be filled in."""

from __future__ import annotations

import re
from typing import Any

from django.urls import URLPattern

from campaigns.hiring.services import candidates, hires
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
        "mailing_list_id": factories.mailing_list("reader@example.org").pk,
    }


def address_of(pattern: URLPattern, known: dict[str, Any]) -> str:
    """The pattern's address with ids of `known` rows."""
    return "/console/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(known[found[1]]), str(pattern.pattern))
