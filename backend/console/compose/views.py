"""Compose: one text and its versions for each channel, as they will look; when it goes out, and into the schedule."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone

from backend.console.compose import channel_previews, compose_data
from backend.console.compose.channel_previews import ChannelDraft, Library
from backend.console.compose.compose_data import ComposeData
from backend.console.content.forms import put_selected_first
from backend.console.frame import authorization, parameters
from backend.console.frame.authorization import Request
from backend.console.templatetags.console import brief
from campaigns.planning.errors import ChangedMeanwhile
from campaigns.planning.models import Channel, Composition, Content, ContentState, LateRule, Publication, ScheduleMode
from campaigns.planning.services import compositions, presence
from campaigns.planning.services.compositions import ChannelText
from media.models import Picture
from scheduler.connections.models import Connection
from scheduler.connections.services import find_adapter_class
from scheduler.posts import previews, spending
from scheduler.posts.previews import ChannelPreview
from scheduler.posts.spending import Spending

PLANNED_SHOWN = 20
PICTURES_SHOWN = 24
FIELDS = ("title", "summary", "channels", "times", "late_after")
SCHEDULING = ("schedule", "submit")


@authorization.form_view("compose content")
def compose(request: Request, content_id: int) -> HttpResponse:
    content = get_object_or_404(_contents(), pk=content_id)
    if request.method == "POST":
        return _act(request, content)
    return render(request, "console/compose/compose.html", _page(request, content))


def _contents() -> QuerySet[Content]:
    return Content.with_relations().select_related("composition")


def _act(request: Request, content: Content) -> HttpResponse:
    """Without JavaScript everything comes here; with it, only what ends the composing."""
    typed, do = compose_data.from_post(request.POST), request.POST.get("do", "save")
    try:
        with transaction.atomic():
            kept = compose_data.save(content, typed, by=request.user, strict=True)
            made = _schedule(request, content, kept.version, submit=do == "submit") if do in SCHEDULING else []
    except authorization.REFUSALS as refusal:
        context = _page(request, _contents().get(pk=content.pk), typed=typed, refusal=refusal)
        return render(request, "console/compose/compose.html", context, status=_status(refusal))
    authorization.confirm_saved(
        request, _said(made, submitted=do == "submit") if do in SCHEDULING else f"Saved {_clock()}."
    )
    if do.startswith("picture-"):
        return _to_new_picture(content, do.removeprefix("picture-"))
    return redirect("console:compose", content_id=content.pk)


def _to_new_picture(content: Content, channel_id: str) -> HttpResponse:
    """What is typed is saved; the new picture is offered first to the channel that it was asked for."""
    address = f"{reverse('console:compose', args=[content.pk])}?pictures={channel_id}#pictures-{channel_id}"
    return redirect(f"{reverse('console:new_picture')}?{urlencode({'next': address})}")


def _schedule(request: Request, content: Content, version: int, *, submit: bool) -> list[Publication]:
    comment = request.POST.get("comment", "")
    return previews.schedule_composition(
        content=content, version=version, submit=submit, comment=comment, by=request.user
    )


def _status(refusal: Exception) -> int:
    return 409 if isinstance(refusal, ChangedMeanwhile) else 422


def _clock() -> str:
    return f"{timezone.localtime():%H:%M}"


def _said(made: list[Publication], *, submitted: bool) -> str:
    first = min(made, key=lambda each: each.publish_at)
    where = f"{first.channel.name}, {brief(first.publish_at, timezone.now())}"
    more = f", and {len(made) - 1} more" if len(made) > 1 else ""
    return f"Scheduled: {where}{more}." + (" Sent for approval." if submitted else "")


@authorization.post_action("compose content")
def compose_save(request: Request, content_id: int) -> HttpResponse:
    """Autosave: what is typed is kept, and the answer shows it as each channel will."""
    content = get_object_or_404(Content, pk=content_id)
    typed = compose_data.from_post(request.POST)
    try:
        with transaction.atomic():
            compose_data.save(content, typed, by=request.user)
    except authorization.REFUSALS as refusal:
        context = _page(request, _contents().get(pk=content.pk), typed=typed, refusal=refusal, whole=False)
        answer = render(request, "console/compose/_refused.html", context, status=_status(refusal))
        answer.headers["HX-Reswap"] = "none"
        return answer
    now = _contents().get(pk=content.pk)
    context = _page(request, now, whole=False) | {
        "saved": _clock(),
        "text_held": compose_data.text_of(typed).is_withheld(now),
    }
    return render(request, "console/compose/_saved.html", context)


@authorization.post_action("compose content")
def compose_presence(request: Request, content_id: int) -> HttpResponse:
    content = get_object_or_404(Content, pk=content_id)
    others = presence.record_heartbeat(content=content, by=request.user)
    return render(request, "console/compose/_presence.html", {"others": others})


def _page(
    request: Request,
    content: Content,
    *,
    typed: ComposeData | None = None,
    refusal: Exception | None = None,
    whole: bool = True,
) -> dict[str, Any]:
    """All that the page shows; not `whole`: only what follows the typing."""
    composition = getattr(content, "composition", None) or Composition(content_id=content.pk)
    picking = request.GET.get("pictures", "")
    chosen, newest = compositions.channel_texts_and_pictures(composition, newest=PICTURES_SHOWN if picking else 0)
    kept = compose_data.from_rows(content, composition, chosen)
    now = typed or kept
    named = parameters.words(request, "channel")
    channels, others = channel_previews.offered(content, now, named=named)
    connections = {row.pk: row.connection for row in channels if hasattr(row, "connection")}
    shown = previews.preview_content(content, chosen, connections=connections)
    pictures = _pictures(chosen) if typed is None else compose_data.pictures_of(now)
    library = Library(picking, put_selected_first(newest, request.GET.get("picture", "")))
    lines = channel_previews.channel_drafts(channels, now, shown, pictures, library)
    waiting = _waiting(content, connections) if whole else []
    return {
        "content": content,
        "typed": now,
        "shown": shown,
        "lines": lines,
        "other_channels": others,
        "channel_named": named,
        "chosen_lines": [line for line in lines if line.chosen],
        "pages": [each for each in shown if each.own_page],
        "pages_key": _pages_key(content, shown),
        "text_held": compose_data.text_of(now).is_withheld(content),
        "text_held_words": compositions.TEXT_KEPT_BACK,
        "late_rules": LateRule.choices,
        "planned": [row for row in waiting if row.content_id == content.pk][:PLANNED_SHOWN],
        "months": _months(request, lines, waiting) if whole else [],
        **_prices(shown, kept, lines),
        **_next_step(content, shown),
        **(_refused(refusal, kept, now, channels) if refusal else {}),
    }


def _pictures(chosen: list[ChannelText]) -> dict[int, list[Picture]]:
    return {each.channel.pk: list(each.pictures) for each in chosen}


def _pages_key(content: Content, shown: list[ChannelPreview]) -> str:
    """Names what our own pages show, so that they are loaded anew only when they differ."""
    told = [(each.channel.pk, each.publication.wording) for each in shown if each.own_page]
    return hashlib.sha256(repr((content.edited_at, told)).encode()).hexdigest()[:16]


def _waiting(content: Content, connections: dict[int, Connection]) -> list[Publication]:
    """Of this content, and what the channels that charge are to publish this month, in one query."""
    dear = [pk for pk, connection in connections.items() if _charges(connection)]
    wanted = Q(content_id=content.pk) | (spending.planned_on(dear, timezone.now()) if dear else Q(pk__in=[]))
    rows = Publication.objects.waiting().filter(wanted).with_content().order_by("publish_at", "pk")
    return list(rows[: spending.PLANNED_AT_MOST + PLANNED_SHOWN])


def _charges(connection: Connection) -> bool:
    adapter = find_adapter_class(connection)
    return adapter is not None and adapter.abilities.charges


def _months(
    request: Request, lines: list[ChannelDraft], waiting: list[Publication]
) -> list[tuple[ChannelDraft, Spending]]:
    """What this month costs on each channel that charges, with what is planned and without what is composed here."""
    dear = {line.channel.pk: line.connection for line in lines if line.connection and _charges(line.connection)}
    if not dear or not authorization.has_permission(request.user, "read spending"):
        return []
    _, end = spending.month_of(timezone.now())
    planned = spending.planned_by([row for row in waiting if row.channel_id in dear and row.publish_at < end], dear)
    return [
        (line, Spending(line.spent, planned[line.channel.pk], line.cap)) for line in lines if line.channel.pk in dear
    ]


def _prices(shown: list[ChannelPreview], kept: ComposeData, lines: list[ChannelDraft]) -> dict[str, Any]:
    """What it costs altogether, and a sentence for each channel whose cap it would pass."""
    times = 1 if kept.when == ScheduleMode.SLOT else len(kept.times) or 1
    prices = {each.channel.pk: each.payload.price * times for each in shown if each.payload and each.payload.price}
    by_channel = {line.channel.pk: line for line in lines}
    caps = {pk: cap for pk in prices if (cap := by_channel[pk].cap) is not None}
    spent_by = {pk: by_channel[pk].spent for pk in caps}
    warnings = []
    for each in shown:
        price, cap, spent = (known.get(each.channel.pk, 0) for known in (prices, caps, spent_by))
        if each.channel.pk in caps and spent + price > cap:
            warnings.append(
                f"{each.channel.name}: {spending.dollars(spent)} of this month's {spending.dollars(cap)} is "
                f"spent, and this costs {spending.dollars(price)}. Posts over the cap are put on hold. Raise the cap, "
                "or leave out the link where X charges more for one."
            )
    return {"price": sum(prices.values()), "price_warnings": warnings}


def _next_step(content: Content, shown: list[ChannelPreview]) -> dict[str, Any]:
    """What the one main button does, and what comes of it."""
    unfit = [each for each in shown if not each.fits]
    own = [each.channel.name for each in shown if each.own_text or each.publication.pk]
    note = ""
    if content.state == ContentState.APPROVED and own:
        note = f"The text for {', '.join(own)} needs approval first."
    elif content.state == ContentState.APPROVED:
        note = "This is approved and will be published at its scheduled time."
    elif content.state == ContentState.IN_REVIEW:
        note = "This is waiting for approval. It will be published once it is approved."
    return {"submits": content.state in compositions.BEFORE_REVIEW, "unfit": unfit, "step_note": note}


def _refused(refusal: Exception, kept: ComposeData, typed: ComposeData, channels: list[Channel]) -> dict[str, Any]:
    if isinstance(refusal, ChangedMeanwhile):
        names = {row.pk: row.name for row in channels}
        return {
            "conflict": refusal,
            "theirs": kept,
            "by": refusal.kept.edited_by,
            "differing": compose_data.compared(kept, typed, names),
        }
    field = getattr(refusal, "field", None) or ""
    field = "late_after" if field == "late_after_minutes" else field
    return {"problem": str(refusal), "problem_field": field if field in FIELDS else ""}


urlpatterns = [
    path("compose/<int:content_id>", compose, name="compose"),
    path("compose/<int:content_id>/save", compose_save, name="compose_save"),
    path("compose/<int:content_id>/presence", compose_presence, name="compose_presence"),
]
