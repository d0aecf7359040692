"""A page as it will look once it is published, for those who plan: shown inside the console, and nowhere else."""

from __future__ import annotations

import re
from typing import Any

from csp.constants import SELF
from csp.decorators import csp_replace
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.clickjacking import xframe_options_sameorigin

from backend.accounts import roles
from backend.site.pages import section_of
from backend.site.presenting import Shown
from backend.site.reading import reads
from campaigns.bulletins.models import Item
from campaigns.planning.models import Channel, Content, Publication
from campaigns.planning.services import compositions
from scheduler import composing
from scheduler.channels.contract import Payload


@reads
@login_required
@xframe_options_sameorigin
@csp_replace({"frame-ancestors": [SELF]})  # type: ignore[arg-type]  # it forgets that views take more
def draft(request: HttpRequest, content_id: int) -> HttpResponse:
    """With `channel`: as it is composed for this one of our own pages. With `publication`: as it is planned."""
    if getattr(request.user, "role", "") not in roles.OPERATIONS["compositions.preview_composition"]:
        raise PermissionDenied
    content = get_object_or_404(Content.whole(), pk=content_id)
    found = _shown(content, request.GET)
    if found.payload is None or not found.own_page:
        raise Http404
    item = _item(content, found.kind, found.payload)
    context = {"shown": Shown(item, timezone.now()), "section": section_of(item.surface, item.kind)}
    response = render(request, "site/item.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _shown(content: Content, asked: Any) -> composing.Shown:
    if asked.get("publication"):
        planned = Publication.objects.with_content().filter(content_id=content.pk, pk=_number(asked["publication"]))
        return composing.shown_as_planned([get_object_or_404(planned)])[0]
    channel = get_object_or_404(Channel, pk=_number(asked.get("channel", "")))
    chosen = compositions.chosen_in(compositions.composition_of(content))
    own = [each for each in chosen if each.channel.pk == channel.pk]
    return composing.shown(content, own or [compositions.Chosen(channel)])[0]


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise Http404
    return int(text)


def _item(content: Content, surface: str, payload: Payload) -> Item:
    """The item that publishing would put up; it is not saved."""
    document = payload.body["document"]
    told = ("kind", "audience", "slug", "title", "summary", "html", "author", "tags", "details", "ended")
    now = timezone.now()
    return Item(
        surface=surface,
        content=content,
        picture=content.picture,
        apply_link=payload.body["link"],
        ends_at=parse_datetime(document["ends_at"]) if document["ends_at"] else None,
        published_at=now,
        updated_at=now,
        **{name: document[name] for name in told},
    )
