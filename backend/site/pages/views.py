"""The pages that people read: home, lists, and one page an item. They show what was published, never a draft."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from backend.paging import Page
from backend.site.http.http_cache import reads
from backend.site.pages.item_view import ItemView
from backend.site.pages.paging import page
from campaigns.planning.models import ContentKind
from campaigns.website.models import Item, ItemQuerySet, Surface

TO_READ = [ContentKind.BLOG_ENTRY, ContentKind.BULLETIN]
NEWEST = "-published_at"
# An event's start stands among its details, as ISO 8601 in UTC: text that sorts by time.
NEXT_FIRST, LATEST_FIRST = "details__starts_at", "-details__starts_at"
WORDS_AT_MOST = 6
SEARCHED = [
    *("title", "summary", "html"),
    *(f"details__{name}" for name in ("location", "team", "staff_group", "reference")),
]


def _public(*kinds: str) -> ItemQuerySet:
    return Item.objects.live(Surface.BLOG).filter(kind__in=kinds)


def _shown(items: Any) -> list[ItemView]:
    now = timezone.now()
    return [ItemView(item, now) for item in items]


def _answer(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """A public page: kept by nobody without asking again, so that a withdrawal is seen at once."""
    response = render(request, template, context)
    response.headers["Cache-Control"] = "no-cache"
    return response


@reads
def home(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    return _answer(
        request,
        "site/home.html",
        {
            "vacancies": _shown(_public(ContentKind.VACANCY).not_ended(now).order_by("-published_at", "-pk")[:5]),
            "events": _shown(_public(ContentKind.EVENT).not_ended(now).order_by("details__starts_at", "pk")[:4]),
            "entries": _shown(_public(*TO_READ).order_by("-published_at", "-pk")[:4]),
        },
    )


def _list_context(request: HttpRequest, found: Page[Item]) -> dict[str, Any]:
    query = request.GET.copy()
    first = query.pop("after", [""])[-1]
    kept = query.urlencode()
    query["after"] = found.next or ""
    return {
        "shown": _shown(found.rows),
        "next_page": f"?{query.urlencode()}" if found.next else "",
        "first_page": f"?{kept}" if first else "",
    }


@reads
def blog(request: HttpRequest) -> HttpResponse:
    found = page(_public(*TO_READ), request, sort=NEWEST)
    return _answer(request, "site/blog.html", _list_context(request, found))


@reads
def vacancies(request: HttpRequest) -> HttpResponse:
    """What is open, newest first; `words` and `childcare` choose among it."""
    words = request.GET.get("words", "").replace("\x00", "")[:100].strip()
    childcare = request.GET.get("childcare") == "1"
    items = _with_words(_public(ContentKind.VACANCY).not_ended(timezone.now()), words)
    if childcare:
        items = items.filter(details__childcare_offered=True)
    found = page(items, request, sort=NEWEST)
    chosen = {"words": words, "childcare": childcare, "filtered": bool(words or childcare)}
    return _answer(request, "site/vacancies.html", _list_context(request, found) | chosen)


def _with_words(items: ItemQuerySet, words: str) -> ItemQuerySet:
    """Every word stands somewhere in what the vacancy says of itself."""
    for word in words.split()[:WORDS_AT_MOST]:
        found = Q()
        for column in SEARCHED:
            found |= Q(**{f"{column}__icontains": word})
        items = items.filter(found)
    return items


@reads
def events(request: HttpRequest) -> HttpResponse:
    """What is coming, next first; `when=past` tells what was, latest first."""
    now = timezone.now()
    past = request.GET.get("when") == "past"
    # A cancelled event stays on the list until its day is over: people who meant to come look for it here.
    items = _public(ContentKind.EVENT).filter(**{"ends_at__lte" if past else "ends_at__gt": now})
    found = page(items, request, sort=LATEST_FIRST if past else NEXT_FIRST)
    return _answer(request, "site/events.html", _list_context(request, found) | {"past": past})


@reads
def item(request: HttpRequest, *, kind: str, slug: str) -> HttpResponse:
    return _item(request, surface=Surface.BLOG, kind=kind, slug=slug)


def _item(request: HttpRequest, *, surface: str, kind: str, slug: str) -> HttpResponse:
    """The page of one item: 410 once it is withdrawn, 404 when there never was one. Of two with one slug (the first
    has since been given another) the newer is meant."""
    asked = Item.objects.live(surface).filter(kind=kind, slug=slug).select_related("picture")
    found = asked.order_by("-published_at", "-pk").first()
    if found is None:
        if Item.objects.filter(surface=surface, kind=kind, slug=slug).exists():
            return gone(request)
        raise Http404
    context = {"shown": ItemView(found, timezone.now()), "section": section_of(surface, kind)}
    return _answer(request, "site/item.html", context)


def gone(request: HttpRequest) -> HttpResponse:
    return render(request, "410.html", status=410)


def section_of(surface: str, kind: str) -> tuple[str, str]:
    """Where the item's page belongs: address and name."""
    if surface == Surface.BULLETIN:
        return "/staff", "Staff bulletin"
    if kind == ContentKind.VACANCY:
        return "/vacancies", "Jobs"
    return ("/events", "Events") if kind == ContentKind.EVENT else ("/blog", "Blog")


def _for_staff(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@reads
@login_required
def staff(request: HttpRequest) -> HttpResponse:
    found = page(Item.objects.live(Surface.BULLETIN), request, sort=NEWEST)
    return _for_staff(_answer(request, "site/staff.html", _list_context(request, found)))


@reads
@login_required
def staff_item(request: HttpRequest, *, kind: str, slug: str) -> HttpResponse:
    return _for_staff(_item(request, surface=Surface.BULLETIN, kind=kind, slug=slug))
