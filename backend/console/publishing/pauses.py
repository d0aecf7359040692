"""Holding everything, or one channel or campaign, with a reason; and letting publishing go on."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path

from backend.console.frame import authorization, parameters
from backend.console.frame.authorization import Request
from backend.console.frame.forms import Form, LongTextField
from campaigns.planning.attention import held_by_pauses
from campaigns.planning.models import Campaign, Channel, Pause
from campaigns.planning.services.timing import pauses
from campaigns.planning.services.timing.pauses import PauseEnding
from scheduler.installation import restore_detection


class HoldForm(Form):
    reason = LongTextField(
        label="Reason", max_length=2000, rows=2, help_text="Shown to everyone, so they know why publishing is on hold."
    )

    def scope(self) -> dict[str, Any]:
        return {}


class HoldPartForm(HoldForm):
    """Only one channel or one campaign."""

    only = forms.ChoiceField(label="What to hold")
    field_order = ["only", "reason"]

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        channels = Channel.objects.filter(active=True).values_list("pk", "name")
        latest = list(Campaign.objects.order_by("-starts_on", "-pk").values_list("pk", "name")[:50])
        latest += self._named([pk for pk, _ in latest])
        field: Any = self.fields["only"]
        field.choices = [
            ("", "Choose a channel or a campaign"),
            ("One channel", [(f"channel:{pk}", name) for pk, name in channels]),
            ("One campaign", [(f"campaign:{pk}", name) for pk, name in latest]),
        ]

    def _named(self, offered: list[int]) -> list[tuple[int, str]]:
        """The campaign that is asked for, where it is none of the latest."""
        only = self.data.get("only") or self.initial.get("only", "")
        kind, _, pk = str(only).partition(":")
        row: Campaign | None = parameters.named(Campaign.objects, pk) if kind == "campaign" else None
        return [(row.pk, row.name)] if row and row.pk not in offered else []

    def scope(self) -> dict[str, Any]:
        kind, _, pk = self.cleaned_data["only"].partition(":")
        rows: dict[str, Any] = {"channel": Channel, "campaign": Campaign}
        return {kind: get_object_or_404(rows[kind], pk=pk)}


@authorization.form_view("start pause")
def start_pause(request: Request) -> HttpResponse:
    part = "part" in request.GET
    form = (HoldPartForm if part else HoldForm)(request.POST or None, initial=_named(request))
    if pause := form.perform(
        lambda: pauses.start_pause(reason=form.cleaned_data["reason"], by=request.user, **form.scope())
    ):
        messages.success(request, f"On hold: {pause.scope}. Posts being sent right now are not stopped.")
        return redirect("console:publishing")
    return render(request, "console/publishing/hold.html", {"form": form, "part": part})


def _named(request: Request) -> dict[str, str]:
    """The campaign that the address names."""
    wanted = parameters.number(request.GET.get("campaign", ""))
    return {} if wanted is None else {"only": f"campaign:{wanted}"}


@authorization.post_action("end pause")
def end_pause(request: Request, pause_id: int) -> HttpResponse:
    pause = get_object_or_404(Pause.objects.select_related("campaign", "channel"), pk=pause_id)
    wanted = request.POST.get("held", "")
    if wanted not in list(PauseEnding):
        messages.error(request, "Choose what to do with posts on hold. Nothing was changed.")
        return redirect("console:publishing")
    moved = pauses.end_pause(pause=pause, held=PauseEnding(wanted), by=request.user)
    done = {PauseEnding.RELEASE: "released", PauseEnding.CANCEL: "cancelled", PauseEnding.KEEP: "changed"}[
        PauseEnding(wanted)
    ]
    posts = f"{moved or 'No'} post{'' if moved == 1 else 's'} {'was' if moved == 1 else 'were'} {done}"
    messages.success(request, f"The hold has ended: {pause.scope}. {posts}.")
    return redirect("console:publishing")


def active_pauses() -> list[dict[str, Any]]:
    """Those that are on, and how much each keeps back."""
    active = list(Pause.objects.active().select_related("campaign", "channel", "started_by").order_by("-pk")[:20])
    if not active:
        return []
    held = held_by_pauses()
    restored, check = restore_detection.restore_check(active) or (None, None)
    return [
        {
            "row": pause,
            "restore_check": check if pause == restored else None,
            "number": sum(
                number
                for channel_id, campaign_id, number in held
                if pause.channel_id in (None, channel_id) and pause.campaign_id in (None, campaign_id)
            ),
        }
        for pause in active
    ]


urlpatterns = [
    path("publishing/hold", start_pause, name="start_pause"),
    path("publishing/pauses/<int:pause_id>/end", end_pause, name="end_pause"),
]
