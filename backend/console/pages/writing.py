"""What the pages for blog entries and bulletins share: the list and its filters, the fields of all content, choosing a
picture, and where one goes from the form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from backend.console import paging
from backend.console.forms import EditForm, Form, LongTextField, WordsField
from backend.console.gate import Request
from campaigns.planning.models import Audience, Campaign, Content, ContentState
from media.models import Picture

SHARED = ("title", "summary", "campaign", "audience", "tags", "picture", "slug")
PICTURES_OFFERED = 12
MOVES_SHOWN = 20
CAMPAIGNS_OFFERED = 200
SAVING = ("save", "pictures", "compose")
"""What buttons that save are called; the others name where one goes from there."""


class ContentFields(Form):
    """What every kind of content takes."""

    title = forms.CharField(label="Title", max_length=200, error_messages={"required": "Give it a title."})
    summary = LongTextField(
        label="Summary",
        required=False,
        max_length=2000,
        rows=3,
        help_text="One or two sentences for lists, feeds and channels. Left empty, the text’s first words stand there.",
    )
    campaign = forms.ModelChoiceField(
        label="Campaign", queryset=Campaign.objects.all(), required=False, empty_label="None"
    )
    audience = forms.ChoiceField(label="Who may read it", choices=Audience.choices, widget=forms.RadioSelect)
    tags = WordsField(label="Tags", required=False, help_text="With commas between them, such as: nursing, Crawley.")
    picture = forms.ModelChoiceField(label="Picture", queryset=Picture.objects.all(), required=False)
    slug = forms.CharField(
        label="Short name in its address",
        required=False,
        max_length=220,
        help_text="Made from the title when left empty. Once it is published it stays.",
    )


class KeepApproval(Form):
    """For whoever approved it, where a change would take the approval away."""

    keep_approval = forms.BooleanField(
        label="Keep my approval",
        required=False,
        help_text="For a correction, such as a letter or a date. Otherwise a change sends it back for approval.",
    )


def values_of(row: Content, *own: str) -> dict[str, Any]:
    """The row's values for an EditForm; ids too, because two pictures may be described alike."""
    values = {name: _as_typed(getattr(row, name)) for name in (*SHARED, *own)}
    return values | {"campaign_id": row.campaign_id, "picture_id": row.picture_id}


def _as_typed(value: Any) -> Any:
    """As it comes back from a form in which nobody changed it, so that a mere save takes no approval away."""
    if isinstance(value, list):  # a tag that holds a comma comes back as two
        return [word.strip() for word in ",".join(value).split(",") if word.strip()]
    return value.replace("\r\n", "\n") if isinstance(value, str) else value


def changes_of(form: EditForm) -> dict[str, Any]:
    """What differs from the row as it was shown."""
    given = form.cleaned_data
    return {name: given[name] for name in given if name != "keep_approval" and form.values.get(name) != given[name]}


def may_keep_approval(row: Content, request: Request) -> bool:
    return row.state == ContentState.APPROVED and row.approved_by_id == request.user.pk


def saves(request: Request) -> bool:
    """Whether a button was pressed that saves; every other only shows the form anew."""
    return request.method == "POST" and request.POST.get("do", "save") in SAVING


def retypes(request: Request) -> bool:
    return request.method == "POST" and not saves(request)


def retype(form: Form, typed: Mapping[str, Any]) -> None:
    """Show what was typed, without checking or saving it."""
    form.initial.update({name: typed.get(name, "") for name in form.fields})


def begin(request: Request) -> dict[str, Any]:
    """What an address brings along for a new one: the campaign that it belongs to, a picture that was chosen."""
    return {name: request.GET[name] for name in ("campaign", "picture") if request.GET.get(name, "").isdecimal()}


def pictures_offered(form: Form) -> list[tuple[Picture, bool]]:
    """The picture that is chosen, then the newest; each with whether it is chosen."""
    found = list(Picture.objects.all()[:PICTURES_OFFERED])
    value = str(form["picture"].value() or "")
    chosen = next((row for row in found if str(row.pk) == value), None)
    if chosen is None and value.isdecimal():
        chosen = Picture.objects.filter(pk=int(value[:18])).first()
    others = [(row, False) for row in found if row != chosen]
    return [(chosen, True), *others] if chosen else others


def shown(request: Request, form: Form, row: Content | None, **more: Any) -> dict[str, Any]:
    """The context of the page with the form."""
    moves = list(row.moves.select_related("by").order_by("-pk")[:MOVES_SHOWN]) if row else []
    return {
        "form": form,
        "row": row,
        "pictures": pictures_offered(form),
        "picture_chosen": str(form["picture"].value() or ""),
        "moves": moves,
        "unsaved": request.method == "POST" or _picks(request, row),
        "picks": _picks(request, row),
        **more,
    }


def _picks(request: Request, row: Content | None) -> bool:
    """Whether one comes from the library with a picture that is not saved yet."""
    picked = request.GET.get("picture", "")
    return request.method != "POST" and picked.isdecimal() and picked != str(row and row.picture_id)


def after_save(request: Request, row: Content, address: str) -> HttpResponse:
    """Back to the form, or on to what the pressed button names."""
    if request.POST.get("do") == "pictures":
        return redirect(f"{reverse('console:pictures')}?{urlencode({'next': address})}")
    if request.POST.get("do") == "compose":
        return redirect("console:compose", row.pk)
    return redirect(address)


def saved_words(row: Content, before: str) -> str:
    clock = f"Saved {timezone.localtime():%H:%M}."
    if before == ContentState.APPROVED and row.state == ContentState.IN_REVIEW:
        return f"{clock} It was approved before, so it waits for approval again."
    return clock


def listed(request: Request, rows: Any, *, sort: str = "-pk") -> dict[str, Any]:
    """A page of the list as its filters ask: words in the title, state, campaign."""
    words = request.GET.get("q", "").replace("\x00", "").strip()[:100]
    state, campaign = request.GET.get("state", ""), request.GET.get("campaign", "")
    if words:
        rows = rows.filter(title__icontains=words)
    if state in ContentState.values:
        rows = rows.filter(state=state)
    if campaign.isdecimal():
        rows = rows.filter(campaign_id=int(campaign[:9]))
    pages = paging.page(rows.select_related("campaign", "edited_by"), request, sort=sort)
    campaigns = Campaign.objects.values_list("pk", "name")[:CAMPAIGNS_OFFERED]
    return {
        "pages": pages,
        "words": words,
        "state": state,
        "campaign": campaign,
        "states": ContentState.choices,
        "campaigns": [(str(pk), name) for pk, name in campaigns],
        "asked": bool(words or state or campaign),
    }
