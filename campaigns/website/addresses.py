"""Where the house's pages stand. The site answers at these addresses; a test holds the two together."""

from __future__ import annotations

from django.conf import settings

from campaigns.planning.models import Audience, Content, ContentKind
from campaigns.website.models import Surface

FOLDERS = {
    ContentKind.BLOG_ENTRY: "blog",
    ContentKind.VACANCY: "vacancies",
    ContentKind.EVENT: "events",
    ContentKind.BULLETIN: "bulletins",
}


def page_path(*, surface: str, kind: str, slug: str) -> str:
    """The page of an item; what is on the staff surface stands under /staff/."""
    root = "/staff" if surface == Surface.BULLETIN else ""
    return f"{root}/{FOLDERS[ContentKind(kind)]}/{slug}"


def page_url(*, surface: str, kind: str, slug: str) -> str:
    return settings.BASE_URL + page_path(surface=surface, kind=kind, slug=slug)


def page_of(content: Content) -> str:
    """The address that content has, or will have once it is published on the surface of its audience."""
    return page_for(audience=content.audience, kind=content.kind, slug=content.slug)


def page_for(*, audience: str, kind: str, slug: str) -> str:
    surface = Surface.BULLETIN if audience == Audience.STAFF else Surface.BLOG
    return page_url(surface=surface, kind=kind, slug=slug)


def pages_of(content: Content) -> list[str]:
    """Every address that its page may have: one on each surface."""
    return [page_url(surface=surface, kind=content.kind, slug=content.slug) for surface in Surface.values]


def link_url(code: str) -> str:
    return f"{settings.BASE_URL}/r/{code}"


def confirm_url(token: str) -> str:
    return f"{settings.BASE_URL}/confirm/{token}"


def unsubscribe_url(token: str) -> str:
    return f"{settings.BASE_URL}/unsubscribe/{token}"
