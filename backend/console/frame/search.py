"""Search on a page of its own, and in the palette: rows by their words, and pages by their names."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from backend import search
from backend.console.frame import authorization, navigation, parameters
from backend.console.frame.authorization import Request
from backend.console.templatetags.console import KINDS

PALETTE = 5
"""Rows of each kind in the palette."""
MORE = 200
"""Of each kind, for whoever asks for more than the first."""
ICONS = {
    "campaign": "megaphone",
    "channel": "radio",
    "team": "users",
    "person": "user",
    "candidate": "user-search",
    **{kind: symbol for kind, (symbol, _) in KINDS.items()},
}
PAGES = {"campaign": "campaign", "channel": "channel", "person": "person", "candidate": "candidate"}


@dataclass(frozen=True)
class Hit:
    title: str
    detail: str
    icon: str
    address: str


@authorization.page_view("search")
def find(request: Request) -> HttpResponse:
    typed = parameters.words(request, at_most=search.LENGTH_AT_MOST)
    limit = MORE if request.GET.get("more") == "1" else search.AT_MOST
    found = search.find(typed, by=request.user, limit=limit + 1)
    shown = _first_of_each(found, limit)
    context = {
        "typed": typed,
        "hits": [_hit(each) for each in shown],
        "limit": limit,
        "more": len(shown) < len(found),
        "most": limit == MORE,
    }
    return render(request, "console/frame/search.html", context)


def _first_of_each(found: list[search.SearchHit], limit: int) -> list[search.SearchHit]:
    """At most so many of each kind; content of all kinds is one."""
    numbers: Counter[str] = Counter()
    shown = []
    for each in found:
        kind = "content" if each.kind in KINDS else each.kind
        numbers[kind] += 1
        if numbers[kind] <= limit:
            shown.append(each)
    return shown


@authorization.page_view("search")
def palette(request: Request) -> HttpResponse:
    """What the palette lists: pages of the sidebar first, then rows."""
    typed = parameters.words(request, at_most=search.LENGTH_AT_MOST)
    hits = [
        Hit(place.label, title or "Page", place.icon, place.address)
        for title, places in navigation.groups(request)
        for place in places
        if typed.casefold() in place.label.casefold()
    ]
    hits += [_hit(found) for found in search.find(typed, by=request.user, limit=PALETTE)]
    return render(request, "console/frame/_palette.html", {"typed": typed, "hits": hits})


def _hit(found: search.SearchHit) -> Hit:
    if found.kind == "team":
        address = f"{reverse('console:teams')}?{urlencode({'q': found.title})}"
    else:
        address = reverse(f"console:{PAGES.get(found.kind, 'content')}", args=[found.id])
    return Hit(found.title, found.detail, ICONS[found.kind], address)


urlpatterns = [path("search", find, name="search"), path("palette", palette, name="palette")]
