"""What is out of a content follows it: see campaigns.planning.live_posts, which says when. The organisation's own pages
and feeds follow at once; other channels are asked afterwards."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from campaigns.hiring import links
from campaigns.planning import states
from campaigns.planning.models import Content, Publication, PublicationState, Reason
from campaigns.website import addresses, items
from scheduler.channels.own_site.adapter import OwnSiteAdapter
from scheduler.channels.registry import adapter_classes, build
from scheduler.connections.adapter_context import adapter_context
from scheduler.mail import delivery as mail
from scheduler.posts import takedown
from scheduler.posts.drafts import compose, link_of

OWN_KINDS = [kind for kind, adapter in adapter_classes().items() if issubclass(adapter, OwnSiteAdapter)]


class LivePosts:
    """Registered with planning when Django starts."""

    def add_link(self, publication: Publication) -> None:
        links.add_publication_link(publication=publication, page_url=addresses.page_of(publication.content))

    def refresh(self, content: Content) -> None:
        """Guid and publication date of an item stay."""
        links.follow_content(content=content, page_url=addresses.page_of(content))
        for publication in _on_own_site(content):
            context = adapter_context(publication.channel_id)
            adapter = build(publication.sent_post.kind, settings={}, secrets={}, context=context)
            assert adapter is not None  # noqa: S101 - one of our own kinds
            payload = compose(publication, adapter, link=link_of(publication))
            adapter.send(payload, key=str(publication.key), timeout=0)

    def end(self, content: Content, *, how: str) -> None:
        items.end_items(content=content, how=how, at=timezone.now())
        reason = content.ending().words(timezone.now())
        mail.cancel_waiting_letters(content=content, code="content_ended", reason=reason)

    def archive(self, content: Content) -> None:
        mail.cancel_waiting_letters(content=content, code="content_archived", reason="The content was archived.")

    def take_down(self, content: Content, *, by: Any) -> None:
        items.withdraw_items(content=content.base, at=timezone.now())
        mail.cancel_waiting_letters(content=content, code="content_withdrawn", reason="The content was withdrawn.")
        for publication in _on_own_site(content):
            states.move_publication(
                publication,
                to=PublicationState.WITHDRAWN,
                by=by,
                reason="The content was withdrawn.",
                reason_code=Reason.CONTENT_WITHDRAWN,
            )
        elsewhere = Publication.objects.filter(content_id=content.pk, state=PublicationState.SENT)
        # By hand, on nothing that is connected and at no address: a stall, a documentary. That is over by itself.
        gone = {"sent_post__published_manually": True, "sent_post__url": "", "channel__connection": None}
        for publication in elsewhere.exclude(**gone).select_for_update(of=("self",)).select_related("sent_post"):
            states.explain_publication(publication, **takedown.request_takedown(publication))


def _on_own_site(content: Content) -> QuerySet[Publication]:
    """What of this content we have put on our own pages and feeds."""
    sent = Publication.objects.filter(content_id=content.pk, state=PublicationState.SENT)
    here = sent.filter(sent_post__kind__in=OWN_KINDS, sent_post__published_manually=False)
    return here.with_content().select_related("sent_post")
