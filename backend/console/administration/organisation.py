"""The organisation: its name, colour, logo and clock, and who may approve. For administrators."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from backend.console.account.views import zones
from backend.console.frame import authorization
from backend.console.frame.authorization import Request
from backend.console.frame.forms import EditForm
from campaigns.planning.colours import DARK_PAPERS, LIGHT_PAPERS, shades
from campaigns.planning.models import Organisation
from campaigns.planning.services import organisation as organisation_services
from media import services as media

HOUSE_COLOUR = "#0b5a66"


class OrganisationForm(EditForm):
    RENAMED = {"file": "logo_file"}

    name = forms.CharField(label="Name", max_length=200, help_text="Shown at the top of every page and in feeds.")
    accent = forms.CharField(
        label="Colour",
        widget=forms.TextInput(attrs={"type": "color"}),
        help_text=(
            "Your organisation's brand colour. Pages use a darker or lighter shade where it would be hard to read."
        ),
    )
    house_colour = forms.BooleanField(label="Use Promenade's default colour", required=False)
    logo_file = forms.FileField(
        label="Logo",
        required=False,
        help_text="PNG, JPEG, WebP or GIF. Leave empty to keep the current logo.",
    )
    remove_logo = forms.BooleanField(label="Remove the logo", required=False)
    zone = forms.ChoiceField(
        label="Time zone",
        help_text="Used by the website, feeds and reports. Posts that are already scheduled keep their time.",
    )
    approves_own_edits = forms.BooleanField(
        label="People can approve their own edits",
        required=False,
        help_text="For organisations where one person does everything. Otherwise someone else must approve.",
    )


@authorization.form_view("change organisation")
def settings(request: Request) -> HttpResponse:
    row = Organisation.current()
    if request.method == "POST":
        row = Organisation.objects.select_for_update().get(pk=row.pk)
    form = OrganisationForm(request.POST or None, request.FILES or None, values=_values(row))
    form.fields["zone"].choices = zones(row.zone)  # type: ignore[attr-defined]
    if row.logo is None:
        del form.fields["remove_logo"]
    if not row.accent:
        del form.fields["house_colour"]
    if form.perform(lambda: _save(form, row, request)):
        messages.success(request, "Saved. The change now shows on every page.")
        return redirect("console:settings")
    return render(
        request, "console/administration/organisation.html", {"form": form, "row": row, "shades": _shown(row)}
    )


def _values(row: Organisation) -> dict[str, Any]:
    return {
        "name": row.name,
        "accent": row.accent or HOUSE_COLOUR,
        "zone": row.zone,
        "approves_own_edits": row.approves_own_edits,
    }


def _save(form: OrganisationForm, row: Organisation, request: Request) -> Organisation:
    given = form.cleaned_data
    accent = given["accent"].lower()
    changes: dict[str, Any] = {
        "name": given["name"],
        "accent": "" if accent == HOUSE_COLOUR or given.get("house_colour") else accent,
        "zone": given["zone"],
        "approves_own_edits": given["approves_own_edits"],
    }
    if given["logo_file"]:
        alt_text = f"Logo of {given['name']}"
        changes["logo"] = media.add_picture(
            file=given["logo_file"], alt_text=alt_text, shows_people=False, by=request.user
        )
    elif given.get("remove_logo"):
        changes["logo"] = None
    return organisation_services.change_organisation(organisation=row, changes=changes)


def _shown(row: Organisation) -> list[tuple[str, str]]:
    """The shades that pages really use, named."""
    accent = row.accent or HOUSE_COLOUR
    return [
        ("in light mode", shades(accent, papers=LIGHT_PAPERS).accent),
        ("in dark mode", shades(accent, papers=DARK_PAPERS).accent),
    ]


urlpatterns = [path("settings", settings, name="settings")]
