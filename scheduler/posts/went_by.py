"""By which kind of channel publications went out: a channel may be connected to another one since."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from campaigns.planning.models import Publication
from scheduler.channels.registry import label_of
from scheduler.connections.models import Connection
from scheduler.engine.models import Attempt

MAY_BE_LIVE = Attempt.objects.filter(publication=OuterRef("pk")).exclude(outcome=Attempt.Outcome.NOT_SENT)
WENT_BY = Coalesce(Subquery(MAY_BE_LIVE.order_by("-id").values("kind")[:1]), "channel__connection__kind")


def kinds_of(publications: QuerySet[Publication]) -> dict[int, str]:
    """By id, the kind of the last try that was accepted, or may have been; where there is none, as after publishing by
    hand, the one that the channel is connected to."""
    return {pk: kind or "" for pk, kind in publications.values_list("pk", WENT_BY)}


def another(publication: Publication, connection: Connection) -> str:
    """A sentence where this connection leads to another kind of channel than the publication went to, else nothing."""
    kind = kinds_of(Publication.objects.filter(pk=publication.pk))[publication.pk]
    if kind == connection.kind:
        return ""
    before, now = (label_of(each) for each in (kind, connection.kind))
    return f"It went out on {before}, and the channel is connected to {now} now."
