"""Search on a page of its own, and in the palette: rows by their words, and pages by their names."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from backend import search
from backend.console import gate, navigation
from backend.console.gate import Request
from backend.console.templatetags.console import KINDS

PALETTE = 5
"""Rows of each kind in the palette."""
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


@gate.shows("search.find")
def find(request: Request) -> HttpResponse:
    typed = request.GET.get("q", "")
    hits = [_hit(found) for found in search.find(typed, by=request.user, limit=search.AT_MOST)]
    return render(request, "console/search/search.html", {"typed": typed, "hits": hits})


@gate.shows("search.find")
def palette(request: Request) -> HttpResponse:
    """What the palette lists: pages of the sidebar first, then rows."""
    typed = request.GET.get("q", "").strip()
    hits = [
        Hit(place.label, title or "Page", place.icon, place.address)
        for title, places in navigation.groups(request)
        for place in places
        if typed.casefold() in place.label.casefold()
    ]
    hits += [_hit(found) for found in search.find(typed, by=request.user, limit=PALETTE)]
    return render(request, "console/search/_palette.html", {"typed": typed, "hits": hits})


def _hit(found: search.Found) -> Hit:
    if found.kind == "team":
        address = reverse("console:teams")
    else:
        address = reverse(f"console:{PAGES.get(found.kind, 'content')}", args=[found.id])
    return Hit(found.title, found.detail, ICONS[found.kind], address)


urlpatterns = [path("search", find, name="search"), path("palette", palette, name="palette")]
