"""Tracked links: where each leads, and how often it was opened. A visit shows no person: we keep no address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from io import BytesIO
from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone

from backend.console.content.lists import GONE
from backend.console.frame import authorization, downloads, form_pages, paging, parameters
from backend.console.frame.authorization import Request
from backend.console.frame.forms import Form
from campaigns.hiring import links as services
from campaigns.hiring import visits
from campaigns.hiring.models import NotCounted, TrackedLink, Visit
from campaigns.planning import organisation_clock
from campaigns.planning.models import Campaign, Channel, Content
from campaigns.website import addresses

SORTS = ("-pk", "pk", "code", "-code")
HEAD = ("Link", "Address", "Leads to", "Content", "Channel", "Created", "Visits")
DAYS = 30
CAMPAIGNS = 100
"""The newest ones are offered as a filter."""
TOP = 100
"""The height of a chart's highest bar."""


class NewLinkForm(Form):
    RENAMED = {"apply_url": "target", "page_url": "target"}

    channel = forms.TypedChoiceField(
        label="Channel",
        coerce=int,
        empty_value=None,
        help_text="Where people will see the link, for example a poster, a stall or a leaflet.",
    )
    target = forms.CharField(
        label="Where it leads",
        required=False,
        help_text="A web address. Leave empty to use the job's application page, or the page on our website.",
        widget=forms.TextInput(attrs={"inputmode": "url", "maxlength": 1000}),
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        channels = Channel.objects.filter(active=True).values_list("pk", "name")
        self.fields["channel"].choices = [("", "Choose"), *channels]  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Bar:
    """A day of a chart: its place and height as the chart has them, of TOP."""

    day: date
    number: int
    x: int
    y: float
    height: float


@authorization.page_view("read links")
def links(request: Request) -> HttpResponseBase:
    wanted = {
        "campaign": _named(request, "campaign", Campaign),
        "content": _named(request, "content", Content),
        "channel": _named(request, "channel", Channel),
    }
    since = parameters.day(request.GET.get("from", ""))
    rows, sort = _filtered(wanted, since), paging.sorting(request.GET, SORTS)
    if request.GET.get("format") == "csv":
        lines = _lines(rows, request, sort=sort, since=since, zone=timezone.get_current_timezone())
        return downloads.csv_file(downloads.dated("tracked-links"), HEAD, lines)
    pages = paging.page(rows, request, sort=sort)
    numbers = visits.counts(pages.rows, since=since)
    campaigns = list(Campaign.objects.order_by("-pk").values_list("pk", "name")[:CAMPAIGNS])
    context = {
        "rows": [(row, numbers.get(row.pk, 0)) for row in pages.rows],
        "pages": pages,
        "wanted": wanted,
        "since": since,
        "by_code": paging.head("code", sort, first="code"),
        "by_age": paging.head("pk", sort, first="-pk"),
        "filtered": bool(since) or any(wanted.values()),
        "campaign_listed": wanted["campaign"] is None or any(pk == wanted["campaign"].pk for pk, _ in campaigns),
        "channels": Channel.objects.values_list("pk", "name"),
        "campaigns": campaigns,
    }
    return render(request, "console/recruiting/links.html", context)


def _lines(
    rows: QuerySet[TrackedLink], request: HttpRequest, *, sort: str, since: date | None, zone: tzinfo
) -> Iterator[list[object]]:
    """Read after the page is authorised, so it takes the zone along."""
    for some in paging.remaining_batches(rows, request, sort=sort):
        numbers = visits.counts(some, since=since)
        for row in some:
            made = f"{row.created_at.astimezone(zone):%Y-%m-%d %H:%M}"
            told = (row.code, addresses.link_url(row.code), row.target, row.content.title, row.channel.name, made)
            yield [*told, numbers.get(row.pk, 0)]


def _filtered(wanted: dict[str, Any], since: date | None) -> QuerySet[TrackedLink]:
    """From a day on: those that were visited since."""
    rows = TrackedLink.objects.select_related("channel", "content")
    columns = {"campaign": "content__campaign", "content": "content", "channel": "channel"}
    rows = rows.filter(**{columns[name]: row for name, row in wanted.items() if row is not None})
    return rows.filter(pk__in=Visit.objects.counted().since(since).values("link_id")) if since else rows


def _named(request: HttpRequest, name: str, model: Any) -> Any:
    """The row that the address names; None where it names none. Raises Http404 for one that is not there."""
    given = request.GET.get(name, "")
    if not given:
        return None
    return get_object_or_404(model, pk=parameters.number(given))


@authorization.page_view("read links")
def link(request: Request, link_id: int) -> HttpResponse:
    rows = TrackedLink.objects.select_related("channel", "content", "publication")
    row = get_object_or_404(rows, pk=link_id)
    today = organisation_clock.today()
    openings = visits.by_reason(row)
    days = visits.by_day(row, start=today - timedelta(days=DAYS - 1), end=today)
    context = {
        "row": row,
        "address": addresses.link_url(row.code),
        "visits": openings.pop(NotCounted.COUNTED),
        "apart": [(NotCounted(reason).label, number) for reason, number in openings.items() if number],
        "bars": list(_bars(days)),
        "lately": sum(number for _, number in days),
        "most": max(number for _, number in days),
        "days": DAYS,
        "width": DAYS * 10,
    }
    return render(request, "console/recruiting/link.html", context)


def _bars(days: list[tuple[date, int]]) -> Iterator[Bar]:
    most = max(number for _, number in days) or 1
    for place, (day, number) in enumerate(days):
        height = round(TOP * number / most, 1)
        yield Bar(day, number, place * 10 + 1, round(TOP - height, 1), height)


@authorization.page_view("read links")
def link_code(_: Request, link_id: int) -> HttpResponse:
    """The QR code for a poster: dark on white, with the quiet edge that scanners need, at any size."""
    row = get_object_or_404(TrackedLink, pk=link_id)
    drawn = BytesIO()
    segno.make(addresses.link_url(row.code), error="m").save(drawn, kind="svg", scale=8, border=4, light="#fff")
    answer = HttpResponse(drawn.getvalue(), content_type="image/svg+xml")
    answer.headers["Content-Disposition"] = f'inline; filename="link-{row.code}.svg"'
    return answer


@authorization.form_view("add link")
def new_link(request: Request) -> HttpResponse:
    """First what it is about, then where it will stand and lead."""
    content = _named(request, "content", Content)
    channel = _named(request, "channel", Channel)
    if content is None:
        return _choose(request, channel)
    form = NewLinkForm(request.POST or None, initial={"channel": channel.pk if channel else None})
    if row := form.perform(
        lambda: services.make_link(
            channel=Channel.objects.get(pk=form.cleaned_data["channel"]),
            content=content,
            target=form.cleaned_data["target"] or None,
            page_url=addresses.page_of(content),
        )
    ):
        messages.success(request, "The link has been created. Copy its address, or print its QR code.")
        return redirect("console:link", row.pk)
    return form_pages.render_form(
        request,
        form,
        heading="Create a link",
        way=[form_pages.step("Tracked links", "links")],
        button="Create link",
        help_text=(
            "Each post gets a link automatically. Create one here for print or for something you show yourself. "
            "Create one for each poster or stall that you want to count separately."
        ),
        template="console/recruiting/new_link.html",
        content=content,
    )


def _choose(request: Request, channel: Channel | None) -> HttpResponse:
    words = parameters.words(request)
    rows = Content.objects.exclude(state__in=GONE)
    if words:
        rows = rows.filter(title__icontains=words)
    context = {"words": words, "pages": paging.page(rows, request), "channel": channel}
    return render(request, "console/recruiting/choose_link_target.html", context)


urlpatterns = [
    path("links", links, name="links"),
    path("links/new", new_link, name="new_link"),
    path("links/<int:link_id>", link, name="link"),
    path("links/<int:link_id>/code.svg", link_code, name="link_code"),
]
