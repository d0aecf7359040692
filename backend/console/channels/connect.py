"""Making a channel publishable: the form of its kind, or a sign-in on the channel's own pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse

from backend.console.channels import channel_status, guides
from backend.console.frame import authorization, parameters, schema_forms
from backend.console.frame.authorization import Request
from backend.console.frame.forms import EditForm
from campaigns.mailing.models import MailingList
from campaigns.planning.models import Channel
from scheduler.channels import registry
from scheduler.connections import authorization as channel_sign_in
from scheduler.connections import services as connections
from scheduler.connections.models import Connection

PACE = ("rate_per_minute", "burst", "monthly_cap")


class ConnectionForm(EditForm):
    """Settings and secrets of a kind, and how fast it may send. Fields are named as the engine names them when it
    refuses one: settings.handle, secrets.app_password."""

    def __init__(
        self, data: Any = None, *, adapter: Any, connection: Connection | None, signs_in: bool = False
    ) -> None:
        super().__init__(data, values=_values(connection))
        self.adapter = adapter
        same = connection if connection is not None and connection.kind == adapter.kind else None
        self.schemas = {"settings": self.adapter.Settings.model_json_schema()}
        if not signs_in:
            self.schemas["secrets"] = self.adapter.Secrets.model_json_schema()
        kept = {"secrets": connections.secret_names(connection=same) if same else []}
        for place, schema in self.schemas.items():
            for name, field in schema_forms.fields_of(schema, kept=kept.get(place, ()), rows=_rows(schema)).items():
                self.fields[f"{place}.{name}"] = field
        if same is None:
            self.initial = {"seen": self.now}
        if signs_in:
            del self.fields["seen"]  # nothing is changed before the person comes back
            self.now = ""
            for name in self.adapter.sign_in.discovered_settings:
                self.fields[f"settings.{name}"].required = False
        else:
            self._add_pace()

    def _add_pace(self) -> None:
        self.fields["rate_per_minute"] = forms.IntegerField(
            label="Maximum posts a minute",
            required=False,
            min_value=1,
            max_value=6000,
            help_text="Leave empty for as fast as the channel allows.",
        )
        self.fields["burst"] = forms.IntegerField(
            label="Posts at once after a gap",
            min_value=1,
            max_value=1000,
            initial=1,
        )
        if self.adapter.abilities.charges:
            self.fields["monthly_cap"] = DollarsField(
                label="Monthly price cap, in US dollars",
                required=False,
                help_text="Posts that would go over this in a calendar month are put on hold. Leave empty for no cap.",
            )

    def submitted_fields(self, place: str) -> dict[str, Any]:
        names = list(self.schemas[place].get("properties", {}))
        typed = {name: self.cleaned_data.get(f"{place}.{name}") for name in names}
        return schema_forms.values_of(names, typed, self.schemas[place])

    def pace(self) -> dict[str, Any]:
        return {name: self.cleaned_data.get(name) for name in PACE}


def _values(connection: Connection | None) -> dict[str, Any]:
    """As it stands, without its secrets."""
    if connection is None:
        return {}
    settings_ = {f"settings.{name}": value for name, value in connection.settings.items()}
    return {"kind": connection.kind, **settings_} | {name: getattr(connection, name) for name in PACE}


class DollarsField(forms.DecimalField):
    """Typed in dollars, kept in thousandths."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=9, decimal_places=3, min_value=0, max_value=100_000, **kwargs)

    def clean(self, value: Any) -> int | None:
        dollars = super().clean(value)
        return None if dollars is None else int(dollars * 1000)

    def prepare_value(self, value: Any) -> Any:
        return f"{value / 1000:.3f}" if isinstance(value, int) else value


def _rows(schema: dict[str, Any]) -> dict[str, list[tuple[int, str]]]:
    """Rows of ours that a setting may name, asked for only where one does."""
    if not any("rows_of" in each for each in schema.get("properties", {}).values()):
        return {}
    return {"mailing-lists": [(row.pk, row.name) for row in MailingList.objects.all()[:200]]}


@authorization.form_view("connect channel")
def connect_channel(request: Request, channel_id: int) -> HttpResponse:
    """First the kind, then its form."""
    rows = Channel.objects.select_related("connection")
    row = parameters.row(request, rows, channel_id, of=("self",))
    connection = channel_status.connection_of(row)
    kind = request.GET.get("kind") or (connection.kind if connection else "")
    adapter = registry.find_adapter_class(kind)
    if adapter is None or not _fits(kind, row):
        return render(request, "console/channels/kinds.html", {"row": row, "kinds": _kinds(row)})
    form = ConnectionForm(request.POST or None, adapter=adapter, connection=connection)

    def connect() -> Connection:
        secrets = form.submitted_fields("secrets")
        return connections.connect_channel(
            channel=row,
            kind=kind,
            settings=form.submitted_fields("settings"),
            secrets=secrets if any(secrets.values()) else None,
            by=request.user,
            **form.pace(),
        )

    if form.perform(connect):
        messages.success(request, f"{row.name} is connected. Select “Check now” to see the account.")
        return redirect("console:channel", row.pk)
    return render(request, "console/channels/connect.html", _context(row, adapter, form))


def _context(row: Channel, adapter: Any, form: ConnectionForm) -> dict[str, Any]:
    return {
        "row": row,
        "kind": adapter.kind,
        "label": adapter.label,
        "abilities": channel_status.abilities(adapter.abilities),
        "guide": guides.guide_to(adapter.label),
        "form": form,
        "signs_in": _signs_in(adapter),
    }


def _signs_in(adapter: Any) -> bool:
    """Whether one can sign in on the channel's own pages: it offers that, and our app is known there."""
    sign_in = getattr(adapter, "sign_in", None)
    return sign_in is not None and (not sign_in.needs_app or all(settings.SIGN_IN_APPS.get(adapter.kind, ("", ""))))


def _fits(kind: str, row: Channel) -> bool:
    return registry.reaches(kind, row.audience) == row.audience


def _kinds(row: Channel) -> list[dict[str, Any]]:
    return [
        {"kind": kind, "label": adapter.label, "abilities": channel_status.abilities(adapter.abilities)}
        for kind, adapter in registry.adapter_classes().items()
        if _fits(kind, row)
    ]


@authorization.network_view("connect channel", page=True)
def sign_in_to_channel(request: Request, channel_id: int) -> HttpResponse:
    """Asks the channel where to send this person, and shows the way: nothing changes before they come back."""
    row = get_object_or_404(Channel.objects.select_related("connection"), pk=channel_id)
    kind = request.GET.get("kind", "")
    adapter = registry.find_adapter_class(kind)
    if adapter is None or not _fits(kind, row) or not _signs_in(adapter):
        messages.error(request, "You cannot sign in to this service here. Use the form to connect it.")
        return redirect("console:connect_channel", row.pk)
    connection = channel_status.connection_of(row)
    form = ConnectionForm(request.POST or None, adapter=adapter, connection=connection, signs_in=True)
    context = {"row": row, "kind": kind, "label": adapter.label, "form": form}
    if started := form.perform(lambda: _started(request, row, form)):
        context["address"], context["ends_at"] = started
    return render(request, "console/channels/sign_in.html", context)


def _started(request: Request, row: Channel, form: ConnectionForm) -> tuple[str, datetime]:
    return channel_sign_in.start(
        channel=row,
        kind=form.adapter.kind,
        settings=form.submitted_fields("settings"),
        redirect_uri=f"{settings.BASE_URL}{reverse('sign_in_callback')}",
        by=request.user,
    )


urlpatterns = [
    path("channels/<int:channel_id>/connect", connect_channel, name="connect_channel"),
    path("channels/<int:channel_id>/sign-in", sign_in_to_channel, name="sign_in_to_channel"),
]
