"""Channels: where people hear from us, how each is connected, and when it keeps still."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone

from backend.console.channels import channel_status, guides
from backend.console.frame import authorization, form_pages, parameters
from backend.console.frame.authorization import Request
from backend.console.frame.forms import EditForm, Form
from campaigns.planning.attention import channels_with_waiting
from campaigns.planning.models import Audience, Channel, Pause, Publication, PublicationState
from campaigns.planning.services import channels as channels_services
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.engine import publication_claims
from scheduler.posts import spending

SHOWN = 10
FIELDS = ("name", "category", "audience", "active")


@authorization.page_view("read channels")
def channels(request: Request) -> HttpResponse:
    now = timezone.now()
    found: dict[str, list[dict[str, Any]]] = {label: [] for _, label in Channel.Category.choices}
    unused: list[dict[str, Any]] = []
    standings = []
    for row in channels_with_waiting().select_related("connection").order_by("name"):
        stands = channel_status.status_of(row, now)
        line = {"row": row, "standing": stands}
        standings.append(stands)
        (found[row.get_category_display()] if row.active else unused).append(line)
    context = {
        "categories": [(label, rows) for label, rows in found.items() if rows],
        "unused": unused,
        "used": sum(len(rows) for rows in found.values()),
        "urgent": sum(each.tone == "urgent" for each in standings),
        "soon": sum(each.tone == "warn" for each in standings),
    }
    return render(request, "console/channels/channels.html", context)


class ChannelForm(Form):
    name = forms.CharField(
        label="Name", max_length=200, help_text="The name you use for it, for example Facebook Page."
    )
    category = forms.ChoiceField(label="Category", choices=Channel.Category.choices)
    audience = forms.ChoiceField(
        label="Audience",
        choices=Audience.choices,
        widget=forms.RadioSelect,
        initial=Audience.PUBLIC,
        help_text="Content for staff is only published to staff channels.",
    )


class ChannelEditForm(EditForm, ChannelForm):
    active = forms.BooleanField(
        label="In use",
        required=False,
        help_text=(
            "You cannot schedule new posts for a channel that is not in use. Its scheduled posts are put on hold."
        ),
    )
    field_order = ["name", "category", "audience", "active"]


@authorization.form_view("add channel")
def new_channel(request: Request) -> HttpResponse:
    form = ChannelForm(request.POST or None)
    if row := form.perform(lambda: channels_services.add_channel(**form.cleaned_data)):
        messages.success(request, f"{row.name} was added. Connect it, or publish there yourself.")
        return redirect("console:channel", row.pk)
    return _page(request, form)


@authorization.form_view("change channel")
def change_channel(request: Request, channel_id: int) -> HttpResponse:
    row = parameters.row(request, Channel.objects, channel_id)
    form = ChannelEditForm(request.POST or None, values={name: getattr(row, name) for name in FIELDS})
    if changed := form.perform(lambda: channels_services.change_channel(channel=row, changes=form.cleaned_data)):
        messages.success(request, f"{changed.name} was changed.")
        return redirect("console:channel", changed.pk)
    return _page(request, form, row)


def _page(request: Request, form: Form, row: Channel | None = None) -> HttpResponse:
    way = [form_pages.step("Channels", "channels")]
    if row:
        way.append(form_pages.step(row.name, "channel", row.pk))
    return form_pages.render_form(
        request,
        form,
        heading=f"Change {row.name}" if row else "Add a channel",
        way=way,
        button="Save" if row else "Add channel",
        help_text=(
            "A channel is any place where people hear from you, including a poster or a stall. Connect it "
            "afterwards so Promenade can publish to it automatically."
        ),
    )


@authorization.page_view("read channels")
def channel(request: Request, channel_id: int) -> HttpResponse:
    now = timezone.now()
    row = get_object_or_404(Channel.objects.select_related("connection"), pk=channel_id)
    connection = channel_status.connection_of(row)
    posts = Publication.objects.filter(channel=row)
    needing = posts.needs_attention()
    context = {
        "row": row,
        "now": now,
        "connection": connection,
        "standing": channel_status.status_of(row, now),
        "waiting": posts.waiting().count(),
        "slots": row.slots.order_by("pk"),
        "quiet_periods": row.quiet_periods.order_by("kind", "pk"),
        "pauses": Pause.objects.active().filter(Q(channel=row) | Q(channel=None, campaign=None)),
        "needing": needing.count(),
        "first": needing.select_related("content").order_by("publish_at", "pk")[:SHOWN],
    }
    adapter = connections.find_adapter_class(connection)
    if connection is not None and adapter is not None:
        context |= {
            "label": adapter.label,
            "abilities": channel_status.abilities(adapter.abilities),
            "guide": guides.guide_to(adapter.label),
            "pace": channel_status.pace(connection, publication_claims.rate_limit_of(connection, now), now),
        }
        if adapter.abilities.charges and authorization.has_permission(request.user, "read spending"):
            context["spent"] = spending.spent(row.pk, now)
    return render(request, "console/channels/channel.html", context)


@authorization.page_view("read spending")
def channel_spending(request: Request, channel_id: int) -> HttpResponse:
    """What this month costs with what is still planned: a page of its own, because each planned post is composed."""
    connection = get_object_or_404(Connection.objects.select_related("channel"), channel_id=channel_id)
    context = {"row": connection.channel, "spending": spending.of(connection, timezone.now())}
    return render(request, "console/channels/spending.html", context)


@authorization.network_view("check connection")
def check_channel(request: Request, channel_id: int) -> HttpResponse:
    connection = get_object_or_404(Connection, channel_id=channel_id)
    checked = connections.check_connection(connection=connection)
    well = checked.answered and checked.status == Connection.Status.HEALTHY
    said = f"{checked.get_status_display()}. {checked.message}".strip() if checked.answered else checked.message
    (messages.success if well else messages.warning)(request, said)
    return redirect("console:channel", channel_id)


@authorization.form_view("disconnect channel")
def disconnect_channel(request: Request, channel_id: int) -> HttpResponse:
    """Asks first, and says what becomes of what waits."""
    row = get_object_or_404(Channel.objects.select_related("connection"), pk=channel_id)
    if request.method == "POST":
        connections.disconnect_channel(channel=row)
        messages.success(request, f"{row.name} has been disconnected, and its secrets have been deleted.")
        return redirect("console:channel", channel_id)
    waiting = Publication.objects.filter(channel=row, state=PublicationState.SCHEDULED).count()
    return render(request, "console/channels/disconnect.html", {"row": row, "waiting": waiting})


urlpatterns = [
    path("channels", channels, name="channels"),
    path("channels/new", new_channel, name="new_channel"),
    path("channels/<int:channel_id>", channel, name="channel"),
    path("channels/<int:channel_id>/change", change_channel, name="change_channel"),
    path("channels/<int:channel_id>/spending", channel_spending, name="channel_spending"),
    path("channels/<int:channel_id>/check", check_channel, name="check_channel"),
    path("channels/<int:channel_id>/disconnect", disconnect_channel, name="disconnect_channel"),
]
