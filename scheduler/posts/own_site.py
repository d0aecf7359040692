"""The house's own surfaces, as the adapters see them: a publisher over the website room."""

from __future__ import annotations

from django.utils import timezone

from campaigns.website import addresses, items
from campaigns.website.errors import WebsiteError
from campaigns.website.models import Item
from campaigns.website.page_document import PageDocument
from scheduler.channels.contract import Document, NotSent, Receipt


def _receipt(item: Item) -> Receipt:
    return Receipt(
        remote_id=str(item.guid), url=addresses.page_url(surface=item.surface, kind=item.kind, slug=item.slug)
    )


def page_document(document: Document) -> PageDocument:
    """What drafts brought, as the website knows it."""
    assert isinstance(document, PageDocument)  # noqa: S101 - drafts bring no other
    return document


class OwnSitePublisher:
    """Puts items on the house's surfaces, finds them again and takes them away."""

    def put(self, *, surface: str, key: str, document: Document, link: str) -> Receipt:
        page, now = page_document(document), timezone.now()
        try:
            item = items.put_item(surface=surface, key=key, document=page, apply_link=link, at=now)
        except WebsiteError as error:
            raise NotSent(str(error), code=error.code, permanent=True) from None
        return _receipt(item)

    def find(self, *, key: str) -> Receipt | None:
        item = items.find_item(key=key)
        return _receipt(item) if item else None

    def remove(self, receipt: Receipt) -> None:
        for item in Item.objects.filter(guid=receipt.remote_id):
            items.withdraw_item(item=item, at=timezone.now())
