"""What is said where nothing is. An address as it was printed, typed or cut out of a sentence leads on where it is
clear what was meant: a slash or a full stop after it, capitals."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.http import escape_leading_slashes
from django.views.defaults import page_not_found

AFTER = "/.,;:!?'\")]}>»”’…"
"""What stands after an address in a sentence, or is typed after it by habit."""
PROGRAMS = ("/api/", "/oauth/")
CONSOLE = "/console/"
EXACT = ("/pictures/", "/confirm/", "/unsubscribe/")
"""What follows is a secret or a signature, whose capitals mean something."""


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(CONSOLE):
        if getattr(request, "user", None) is not None and request.user.is_authenticated:
            return render(request, "console/frame/not_found.html", status=404)
    elif request.method in ("GET", "HEAD") and not request.path.startswith(PROGRAMS):
        meant = _meant(request.path)
        if meant is not None:
            query = request.META.get("QUERY_STRING", "")
            return HttpResponsePermanentRedirect(f"{meant}?{query}" if query else meant)
    return page_not_found(request, exception)


def _meant(path: str) -> str | None:
    """The address of ours that this one stands for."""
    without = path.rstrip(AFTER) or "/"
    lower = without if without.lower().startswith(EXACT) else without.lower()
    for candidate in (without, lower):
        if candidate == path:
            continue
        try:
            resolve(candidate)
        except Resolver404:
            continue
        return escape_leading_slashes(candidate)
    return None
