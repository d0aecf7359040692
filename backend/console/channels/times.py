"""A channel's times: the slots at which its queue moves on, and when it keeps still."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone

from backend.console.frame import authorization
from backend.console.frame.authorization import Request
from backend.console.frame.forms import Form, LongTextField, TimeField, WallTimeField
from campaigns.planning.models import Channel, QuietPeriod, Slot, Weekday
from campaigns.planning.services.timing import quiet_periods, slots

KINDS = QuietPeriod.QuietKind


class SlotForm(Form):
    weekday = forms.ChoiceField(label="Day", choices=Weekday.choices)
    time = TimeField(label="Time")


@authorization.form_view("add slot")
def channel_slots(request: Request, channel_id: int) -> HttpResponse:
    row = get_object_or_404(Channel, pk=channel_id)
    form = SlotForm(request.POST or None)
    if form.perform(
        lambda: slots.add_slot(channel=row, zone=timezone.get_current_timezone_name(), **form.cleaned_data)
    ):
        messages.success(request, "The slot was added.")
        return redirect("console:channel_slots", row.pk)
    days = Weekday.values
    found = sorted(row.slots.all(), key=lambda slot: (days.index(slot.weekday), slot.time))
    return render(request, "console/channels/slots.html", {"row": row, "slots": found, "form": form})


@authorization.post_action("remove slot")
def remove_slot(request: Request, channel_id: int, slot_id: int) -> HttpResponse:
    slots.remove_slot(slot=get_object_or_404(Slot, pk=slot_id, channel_id=channel_id))
    messages.success(request, "The slot was removed. Posts already scheduled for it stay scheduled.")
    return redirect("console:channel_slots", channel_id)


class QuietHoursForm(Form):
    weekdays = forms.MultipleChoiceField(
        label="Days when they start", choices=Weekday.choices, widget=forms.CheckboxSelectMultiple
    )
    from_time = TimeField(label="From")
    to_time = TimeField(label="To", help_text="If this is earlier than the start, they end the next morning.")


class BlackoutForm(Form):
    starts_at = WallTimeField(label="From")
    ends_at = WallTimeField(label="To")
    reason = LongTextField(
        label="Reason", rows=2, max_length=2000, help_text="For example: the weeks before the election."
    )


FORMS: dict[str, type[Form]] = {KINDS.QUIET: QuietHoursForm, KINDS.BLACKOUT: BlackoutForm}


@authorization.form_view("add quiet period")
def channel_quiet(request: Request, channel_id: int) -> HttpResponse:
    row = get_object_or_404(Channel, pk=channel_id)
    kind = request.GET.get("kind", KINDS.QUIET)
    kind = kind if kind in FORMS else KINDS.QUIET
    form = FORMS[kind](request.POST or None)
    if form.perform(lambda: _keep_still(request, row, kind, form.cleaned_data)):
        messages.success(
            request, ("Added. Posts that are due in quiet hours wait until they end. They do not count as late.")
        )
        return redirect("console:channel_quiet", row.pk)
    context = {"row": row, "periods": row.quiet_periods.order_by("kind", "pk"), "form": form, "kind": kind}
    return render(request, "console/channels/quiet.html", context)


def _keep_still(request: Request, row: Channel, kind: str, fields: dict[str, Any]) -> QuietPeriod:
    zone = timezone.get_current_timezone_name()
    return quiet_periods.add_quiet_period(channel=row, kind=kind, by=request.user, zone=zone, **fields)


@authorization.post_action("remove quiet period")
def remove_quiet_period(request: Request, channel_id: int, period_id: int) -> HttpResponse:
    quiet_periods.remove_quiet_period(period=get_object_or_404(QuietPeriod, pk=period_id, channel_id=channel_id))
    messages.success(request, "Removed. Posts that were waiting are now due.")
    return redirect("console:channel_quiet", channel_id)


urlpatterns = [
    path("channels/<int:channel_id>/slots", channel_slots, name="channel_slots"),
    path("channels/<int:channel_id>/slots/<int:slot_id>/remove", remove_slot, name="remove_slot"),
    path("channels/<int:channel_id>/quiet", channel_quiet, name="channel_quiet"),
    path("channels/<int:channel_id>/quiet/<int:period_id>/remove", remove_quiet_period, name="remove_quiet_period"),
]
