"""Where a person is told what needs them, of what, and when; and the ways that all of them share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path

from backend.accounts import roles
from backend.console.frame import authorization, form_pages, parameters
from backend.console.frame.authorization import Request
from backend.console.frame.forms import EditForm, Form, TimeField
from backend.notifications import delivery, destinations
from backend.notifications.attention.of_machine import DESTINATION_FAILURES
from backend.notifications.causes import RUN, Timing
from backend.notifications.models import Destination

Kind = Destination.Kind
ADDRESS_LABELS = {
    Kind.EMAIL: "Email address",
    Kind.TEAMS: "New address of the workflow",
    Kind.SLACK: "ID of the channel in Slack",
}
HELP = (
    "Choose what we notify you of, and when. We notify you once about each thing, and again only if it changes. "
    "Notifications that come up in your quiet hours wait until they end."
)


class DestinationForm(Form):
    kind = forms.ChoiceField(
        label="How", choices=Kind.choices, widget=forms.RadioSelect, error_messages={"required": "Choose how."}
    )
    name = forms.CharField(
        label="Name",
        max_length=100,
        help_text="For example, Communications team chat.",
        error_messages={"required": "Enter a name."},
    )
    address = forms.CharField(
        label="Address or channel ID",
        max_length=2000,
        error_messages={"required": "Enter an address or a channel ID."},
        help_text=(
            "For email, a shared mailbox. For Teams, the address of the workflow “Send webhook alerts to a channel” or "
            "“to a chat”. For Slack, the ID of a channel, which starts with C or G."
        ),
    )
    channel = forms.ModelChoiceField(
        destinations.slack_channels(),
        label="Slack workspace",
        required=False,
        empty_label="None",
        help_text="For Slack only: the channel whose app posts there.",
    )


class DestinationEditForm(EditForm):
    """What is chosen of one destination, one field a cause."""

    active = forms.BooleanField(label="On", required=False)
    name = forms.CharField(label="Name", max_length=100, required=False)
    address = forms.CharField(max_length=2000, required=False)
    channel = forms.ModelChoiceField(destinations.slack_channels(), label="Slack workspace")
    quiet_from = TimeField(label="Quiet hours from", required=False, help_text="Leave both times empty for none.")
    quiet_until = TimeField(label="Quiet hours until", required=False)
    quiet_weekends = forms.BooleanField(label="Nothing on Saturdays and Sundays", required=False)
    summary_at = TimeField(label="Daily summary at", error_messages={"required": "Enter a time, for example 08:30."})

    def __init__(self, data: Any, row: Destination) -> None:
        self.row = row
        self.causes = destinations.causes_for(row)
        values = {name: getattr(row, name) for name in ("active", "name", "quiet_weekends", "summary_at")}
        values |= {"quiet_from": row.quiet_from, "quiet_until": row.quiet_until, "channel": row.channel}
        values["address"] = "" if row.kind == Kind.TEAMS else row.address or ""
        super().__init__(data, values=values | {cause.value: row.timing(cause) for cause in self.causes})
        self._fit(row)

    def _fit(self, row: Destination) -> None:
        own_email = row.kind == Kind.EMAIL and row.person_id is not None
        for name in (("name", "address") if own_email else ()) + (() if row.kind == Kind.SLACK else ("channel",)):
            del self.fields[name]
            self.values.pop(name)
        if "address" in self.fields:
            self.fields["address"].label = ADDRESS_LABELS[Kind(row.kind)]
            if row.kind == Kind.TEAMS:
                self.fields["address"].help_text = "Leave empty to keep the current one, which we do not show."
        for cause in self.causes:
            self.fields[cause.value] = forms.ChoiceField(label=cause.label, choices=Timing.choices)

    def changes(self) -> dict[str, Any]:
        """As the service takes them."""
        given = dict(self.cleaned_data)
        timings = {cause.value: given.pop(cause.value) for cause in self.causes}
        if self.row.kind == Kind.TEAMS and not given.get("address"):
            given.pop("address", None)
        return given | {"timings": self.row.timings | timings}


@authorization.page_view("keep own account")
def notifications(request: Request) -> HttpResponse:
    runs = roles.may(request.user.role, RUN)
    destinations.own_email(request.user)
    rows = list(destinations.visible_to(request.user).select_related("person"))
    context = {
        "own": [row for row in rows if row.person_id == request.user.pk],
        "shared": [row for row in rows if row.person_id is None],
        "runs": runs,
        "can_email": delivery.sending_connection() is not None,
        "failing": DESTINATION_FAILURES,
    }
    return render(request, "console/account/notifications.html", context)


@authorization.form_view("keep own account")
def new_destination(request: Request) -> HttpResponse:
    shared = request.GET.get("shared") == "1"
    form = DestinationForm(request.POST or None)
    kinds = Kind.choices if shared else [choice for choice in Kind.choices if choice[0] != Kind.EMAIL]
    form.fields["kind"].choices = kinds  # type: ignore[attr-defined]
    made = form.perform(lambda: destinations.add_destination(by=request.user, shared=shared, **form.cleaned_data))
    if made:
        messages.success(request, f"{made.label} was added. Send a test to check that it arrives.")
        return redirect("console:destination", made.pk)
    return form_pages.render_form(
        request,
        form,
        heading="Add a shared notification" if shared else "Add Teams or Slack",
        way=[form_pages.step("Notifications", "notifications")],
        button="Add",
        help_text=HELP,
    )


@authorization.form_view("keep own account")
def destination(request: Request, destination_id: int) -> HttpResponse:
    row: Destination = parameters.row(request, destinations.visible_to(request.user), destination_id)
    form = DestinationEditForm(request.POST or None, row)
    if form.perform(lambda: destinations.change_destination(destination=row, changes=form.changes())):
        messages.success(request, "Your choices are saved.")
        return redirect("console:notifications")
    return form_pages.render_form(
        request,
        form,
        heading=row.label,
        way=[form_pages.step("Notifications", "notifications")],
        button="Save",
        help_text=HELP,
        template="console/account/destination.html",
        row=row,
    )


@authorization.network_view("keep own account")
def test_destination(request: Request, destination_id: int) -> HttpResponse:
    row = get_object_or_404(destinations.visible_to(request.user), pk=destination_id)
    label = destinations.send_test(destination=row)
    messages.success(request, f"A test was sent to {label}. Check that it arrived.")
    return redirect("console:notifications")


@authorization.post_action("keep own account")
def remove_destination(request: Request, destination_id: int) -> HttpResponse:
    row: Destination = parameters.row(request, destinations.visible_to(request.user), destination_id)
    destinations.remove_destination(destination=row)
    messages.success(request, f"{row.label} was removed.")
    return redirect("console:notifications")


urlpatterns = [
    path("notifications", notifications, name="notifications"),
    path("notifications/new", new_destination, name="new_destination"),
    path("notifications/<int:destination_id>", destination, name="destination"),
    path("notifications/<int:destination_id>/test", test_destination, name="test_destination"),
    path("notifications/<int:destination_id>/remove", remove_destination, name="remove_destination"),
]
