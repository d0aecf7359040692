"""What the engine does when planning announces a change: the house's own surfaces follow at once."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from campaigns.hiring import links
from campaigns.mailing import signals as bulletin_signals
from campaigns.mailing.models import Subscriber
from campaigns.planning import signals as planning_signals
from campaigns.planning import states
from campaigns.planning.models import Channel, Content, ContentState, Publication, PublicationState, Reason
from campaigns.website import addresses, items
from scheduler import signals
from scheduler.channels.own_site.adapter import OwnSiteAdapter
from scheduler.channels.registry import adapter_classes, build
from scheduler.connections.adapter_context import adapter_context
from scheduler.mail import delivery as mail
from scheduler.posts import takedown
from scheduler.posts.drafts import compose, link_of

HOUSE_KINDS = [kind for kind, adapter in adapter_classes().items() if issubclass(adapter, OwnSiteAdapter)]


def _published_here(content: Content) -> QuerySet[Publication]:
    """What of this content we have put on the house's own surfaces."""
    sent = Publication.objects.filter(content_id=content.pk, state=PublicationState.SENT)
    here = sent.filter(sent_post__kind__in=HOUSE_KINDS, sent_post__by_hand=False)
    return here.with_content().select_related("sent_post")


def on_publication_scheduled(publication: Publication, **_: Any) -> None:
    """Each has its tracked link from the start: a poster is printed before it hangs."""
    link_of(publication)


def on_content_moved(content: Content, to_state: str, by: Any = None, **_: Any) -> None:
    if to_state == ContentState.APPROVED:
        refresh(content)
    elif to_state == ContentState.ARCHIVED:
        mail.cancel_waiting_letters(content=content, code="content_archived", reason="The content was archived.")
    elif to_state == ContentState.WITHDRAWN:
        items.withdraw_items(content=Content.objects.get(pk=content.pk), at=timezone.now())
        mail.cancel_waiting_letters(content=content, code="content_withdrawn", reason="The content was withdrawn.")
        for publication in _published_here(content):
            states.move_publication(
                publication,
                to=PublicationState.WITHDRAWN,
                by=by,
                reason="The content was withdrawn.",
                reason_code=Reason.CONTENT_WITHDRAWN,
            )
        elsewhere = Publication.objects.filter(content_id=content.pk, state=PublicationState.SENT)
        # By hand, on nothing that is connected and at no address: a stall, a documentary. That is over by itself.
        gone = {"sent_post__by_hand": True, "sent_post__url": "", "channel__connection": None}
        for publication in elsewhere.exclude(**gone).select_for_update(of=("self",)).select_related("sent_post"):
            states.explain_publication(publication, **takedown.request_takedown(publication))


def refresh(content: Content) -> None:
    """Bring the house's own items, and where tracked links lead, up to what is approved now; guid and publication date
    stay."""
    links.follow_content(content=content, page_url=addresses.page_of(content))
    for publication in _published_here(content):
        context = adapter_context(publication.channel_id)
        adapter = build(publication.sent_post.kind, settings={}, secrets={}, context=context)
        assert adapter is not None  # noqa: S101 - one of our own kinds
        payload = compose(publication, adapter, link=link_of(publication))
        adapter.send(payload, key=str(publication.key), timeout=0)


def on_content_corrected(content: Content, **_: Any) -> None:
    refresh(content)


def on_content_ended(content: Content, how: str, **_: Any) -> None:
    items.end_items(content=content, how=how, at=timezone.now())
    reason = content.ending().words(timezone.now())
    mail.cancel_waiting_letters(content=content, code="content_ended", reason=reason)


def on_channel_works(channel: Channel, **_: Any) -> None:
    takedown.resume_takedowns(channel)


def on_confirmation_requested(subscriber: Subscriber, **_: Any) -> None:
    mail.ask_to_confirm(subscriber)


def connect() -> None:
    planning_signals.publication_scheduled.connect(on_publication_scheduled, dispatch_uid="scheduler.scheduled")
    planning_signals.content_moved.connect(on_content_moved, dispatch_uid="scheduler.moved")
    planning_signals.content_corrected.connect(on_content_corrected, dispatch_uid="scheduler.corrected")
    planning_signals.content_ended.connect(on_content_ended, dispatch_uid="scheduler.ended")
    signals.channel_works.connect(on_channel_works, dispatch_uid="scheduler.works")
    bulletin_signals.confirmation_requested.connect(on_confirmation_requested, dispatch_uid="scheduler.confirmation")
