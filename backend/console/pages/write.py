"""Write: begin something new, or choose what is there already and compose it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, path, reverse

from backend.console import gate
from backend.console.gate import Request
from backend.console.paging import page
from campaigns.planning.models import Content, ContentKind, ContentState

SAYS = {
    ContentKind.VACANCY: "A post to be filled, with its closing date.",
    ContentKind.EVENT: "Something people can come to.",
    ContentKind.BLOG_ENTRY: "A story for the website.",
    ContentKind.BULLETIN: "News for staff, a team in the spotlight.",
}
GONE = (ContentState.WITHDRAWN, ContentState.ARCHIVED)


@gate.shows("compositions.save_composition")
def write(request: Request) -> HttpResponse:
    kind, words = request.GET.get("kind", ""), request.GET.get("q", "").replace("\x00", "").strip()[:100]
    rows = Content.objects.exclude(state__in=GONE).select_related("edited_by")
    if kind in ContentKind.values:
        rows = rows.filter(kind=kind)
    if words:
        rows = rows.filter(title__icontains=words)
    context = {
        "starts": [(value, says, address) for value, says in SAYS.items() if (address := _new(value))],
        "kinds": ContentKind.choices,
        "kind": kind,
        "words": words,
        "pages": page(rows, request),
    }
    return render(request, "console/write/write.html", context)


def _new(kind: str) -> str:
    try:
        return reverse(f"console:new_{kind}")
    except NoReverseMatch:  # its pages are not part of this house
        return ""


urlpatterns = [path("write", write, name="write")]
