"""A page as it will look once it is published, also while it is still being written, for those who plan: shown inside
the console, and nowhere else."""

from __future__ import annotations

import re
from datetime import datetime
from functools import wraps
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from backend.accounts import roles
from backend.page_drafts import read_draft
from backend.site.http.http_cache import View, reads
from backend.site.pages.item_view import ItemView
from backend.site.pages.views import section_of
from campaigns.planning.models import Channel, Content, Publication
from campaigns.planning.services import compositions
from campaigns.website import items, page_document
from campaigns.website.models import Item
from scheduler.posts import previews


def _for_planners(view: View) -> View:
    """Signed in, may plan, inside a frame of our own pages, and kept by nobody. A script that asks for a page is told
    that its person is signed out; it would show the page to sign in as the one that was asked for."""

    @xframe_options_sameorigin
    @csp_replace({"frame-ancestors": [SELF]})
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return HttpResponse(status=401) if request.method == "POST" else redirect_to_login(request.get_full_path())
        if not roles.may(getattr(request.user, "role", ""), "compose content"):
            raise PermissionDenied
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return guarded  # type: ignore[return-value]  # it takes what the view takes


@reads
@_for_planners
def draft(request: HttpRequest, content_id: int) -> HttpResponse:
    """With `channel`: as it is composed for this one of our own pages. With `publication`: as it is planned."""
    content = get_object_or_404(Content.with_relations(), pk=content_id)
    now = timezone.now()
    item = _shown(content, request.GET).page(at=now)
    if item is None:
        raise Http404
    return _page(request, item, content, now)


@require_POST
@_for_planners
def written(request: HttpRequest, kind: str) -> HttpResponse:
    """A blog entry or a bulletin as somebody is writing it: the fields of their form, of which nothing is saved."""
    draft = read_draft(kind, request.POST)
    if draft is None:
        raise Http404
    now = timezone.now()
    document = page_document.build_page_document(draft.content, sections=draft.sections)
    return _page(request, items.build_item(document, at=now), draft.content, now)


def _page(request: HttpRequest, item: Item, content: Content, now: datetime) -> HttpResponse:
    item.picture = content.picture  # which is read already
    context = {"shown": ItemView(item, now), "section": section_of(item.surface, item.kind)}
    return render(request, "site/item.html", context)


def _shown(content: Content, asked: Any) -> previews.ChannelPreview:
    if asked.get("publication"):
        planned = Publication.objects.with_content().filter(content_id=content.pk, pk=_number(asked["publication"]))
        return previews.preview_publications([get_object_or_404(planned)])[0]
    channel = get_object_or_404(Channel, pk=_number(asked.get("channel", "")))
    chosen = compositions.channel_texts(compositions.composition_of(content))
    own = [each for each in chosen if each.channel.pk == channel.pk]
    return previews.preview_content(content, own or [compositions.ChannelText(channel)])[0]


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise Http404
    return int(text)
