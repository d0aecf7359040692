"""What a person says of a post that they put up, or found, where the engine must act on it too."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Model

from campaigns.planning.models import Publication
from campaigns.planning.services import publications
from scheduler.posts import sent_posts, takedown


@transaction.atomic
def mark_published(*, publication: Publication, at: datetime, url: str = "", by: Model | None) -> Publication:
    """Record that a person published it, or has found it live; see publications.mark_published. What was found live
    after its content was withdrawn comes down again."""
    publication = publications.lock_publication(publication.pk)
    known = sent_posts.details_of_manual_post(publication)
    publication = publications.mark_published(publication=publication, at=at, url=url, by=by, **known)
    takedown.request_if_withdrawn(publication)
    return publication
