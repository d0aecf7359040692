"""Pages of a list of items, as everyone asks for them: by `after` in the address."""

from __future__ import annotations

from django.http import HttpRequest

from backend import paging
from campaigns.website.models import Item, ItemQuerySet

PAGE = 20


def page(items: ItemQuerySet, request: HttpRequest, *, sort: str) -> paging.Page[Item]:
    """The page of items that the address asks for: see backend.paging. A cursor that nobody handed out starts from the
    beginning."""
    try:
        after = paging.read_cursor(request.GET.get("after", ""), sort=sort)
    except paging.BadCursor:
        after = None
    return paging.read_page(items.select_related("picture"), sort=sort, limit=PAGE, after=after)
