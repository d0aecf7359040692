"""From an item to its entry in a feed."""

from __future__ import annotations

from django.conf import settings
from django.utils.html import escape, format_html

from backend.site import pictures
from campaigns.planning.models import EarlyEnd
from campaigns.website import addresses, text_direction
from campaigns.website.details import Detail, details_of
from campaigns.website.feeds import Entry, EntryPicture
from campaigns.website.headings import with_page
from campaigns.website.models import Item
from media.models import Picture

ENDED = {EarlyEnd.CANCELLED: "Cancelled", EarlyEnd.FILLED: "Filled", EarlyEnd.CLOSED: "Closed"}


def entry_of(item: Item, *, private: bool) -> Entry:
    """`private`: pictures get addresses that a reader without cookies can load."""
    title = f"{ENDED[EarlyEnd(item.ended)]}: {item.title}" if item.ended else item.title
    link = addresses.page_url(surface=item.surface, kind=item.kind, slug=item.slug)
    html = with_page(pictures.with_signed_addresses(item.html) if private else item.html, link)
    return Entry(
        guid=item.guid,
        title=title,
        link=link,
        summary=item.summary,
        html="\n".join(part for part in (_facts(item), html, _apply(item)) if part),
        author=item.author,
        tags=tuple(item.tags),
        published=item.published_at,
        updated=item.updated_at,
        picture=_picture(item.picture, private=private) if item.picture else None,
    )


def _facts(item: Item) -> str:
    told = details_of(item)
    lines = "<br>\n".join(f"<strong>{fact.label}:</strong> {_fact(fact)}" for fact in told)
    return f"<p>{lines}</p>" if lines else ""


def _fact(fact: Detail) -> str:
    if fact.url:
        return format_html('<a href="{}">{}</a>', fact.url, fact.url)
    direction = text_direction.attribute(fact.text)
    return f"<span{direction}>{escape(fact.text)}</span>" if direction else escape(fact.text)


def _apply(item: Item) -> str:
    if item.kind != "vacancy" or not item.apply_link or item.ended:
        return ""
    return format_html('<p><a href="{}">Apply for this job</a></p>', item.apply_link)


def _picture(picture: Picture, *, private: bool) -> EntryPicture:
    path = pictures.signed_path(picture) if private else picture.path
    return EntryPicture(
        url=settings.BASE_URL + path,
        alt=picture.alt_text,
        width=picture.width,
        height=picture.height,
        type=pictures.media_type(picture),
        size=picture.size,
    )
