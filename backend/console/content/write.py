"""Write: begin something new, or choose what is there already and compose it."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from backend.console.content.lists import GONE
from backend.console.frame import authorization, parameters
from backend.console.frame.authorization import Request
from backend.console.frame.paging import page
from campaigns.planning.models import Content, ContentKind

SAYS = {
    ContentKind.VACANCY: "A role you are recruiting for, with a closing date.",
    ContentKind.EVENT: "Something people can come to.",
    ContentKind.BLOG_ENTRY: "A story for the website.",
    ContentKind.BULLETIN: "News for staff, with a team spotlight.",
}


@authorization.page_view("compose content")
def write(request: Request) -> HttpResponse:
    kind, words = request.GET.get("kind", ""), parameters.words(request)
    rows = Content.objects.exclude(state__in=GONE).select_related("edited_by")
    if kind in ContentKind.values:
        rows = rows.filter(kind=kind)
    if words:
        rows = rows.filter(title__icontains=words)
    context = {
        "starts": [(kind, says, reverse(f"console:new_{kind}")) for kind, says in SAYS.items()],
        "kinds": ContentKind.choices,
        "kind": kind,
        "words": words,
        "pages": page(rows, request),
    }
    return render(request, "console/content/write.html", context)


urlpatterns = [path("write", write, name="write")]
