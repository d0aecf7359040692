"""The way through the form of one content, of every kind: shown, saved, and on to what the pressed button names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from backend.console.content.content_status import LISTS
from backend.console.content.forms import ContentEditForm, ContentForm
from backend.console.frame import authorization, parameters
from backend.console.frame.authorization import Request
from campaigns.planning.models import Content, ContentKind, ContentState

Row = TypeVar("Row", bound=Content)
SAVING = ("save", "pictures", "compose")
"""What buttons that save are called; every other only shows the form anew."""


def is_save(request: Request) -> bool:
    return request.method == "POST" and request.POST.get("do", "save") in SAVING


def submitted_data(request: Request) -> Any:
    """What a form takes as its data: nothing unless it is to be saved."""
    return request.POST if is_save(request) else None


def lock_row(request: Request, model: type[Row], pk: int) -> Row:
    """The row; nobody else changes it while it is saved."""
    rows = model._default_manager
    row: Row = parameters.row(
        request, rows if request.method == "POST" else rows.select_related("campaign", "picture"), pk
    )
    return row


def begin(request: Request, kind: ContentKind, form: ContentForm, plan: Callable[..., Content]) -> HttpResponse:
    """A new one: `plan` is the room's service."""
    if row := form.perform(lambda: plan(by=request.user, **form.flags, **form.submitted_fields())):
        authorization.confirm_saved(request, "Saved as a draft. Choose channels when it is ready.")
        return _on(request, row)
    return _show(request, kind, form)


def change(request: Request, row: Content, form: ContentEditForm, save: Callable[..., Content]) -> HttpResponse:
    """One that is there, locked: `save` is the room's service, with the row."""
    if picked := _picked(request, row):
        form.initial["picture"] = picked
    before = row.state
    if changed := form.perform(lambda: save(changes=form.submitted_fields(), by=request.user, **form.flags)):
        authorization.confirm_saved(request, _said(before, changed))
        return _on(request, changed)
    return _show(request, ContentKind(row.kind), form, row)


def _on(request: Request, row: Content) -> HttpResponse:
    address = reverse(f"console:change_{row.kind}", args=[row.pk])
    if request.POST.get("do") == "pictures":
        return redirect(f"{reverse('console:pictures')}?{urlencode({'next': address})}")
    if request.POST.get("do") == "compose":
        return redirect("console:compose", row.pk)
    return redirect(address)


def _said(before: str, row: Content) -> str:
    clock = f"Saved {timezone.localtime():%H:%M}."
    if before == ContentState.APPROVED != row.state:
        return f"{clock} It was approved, so it now needs approval again before its scheduled posts are published."
    return clock


def _picked(request: Request, row: Content | None) -> int | None:
    """The picture with which one comes from the library, and which is not saved yet."""
    pk = parameters.number(request.GET.get("picture", "")) if request.method != "POST" else None
    return pk if pk != (row and row.picture_id) else None


def _show(request: Request, kind: ContentKind, form: ContentForm, row: Content | None = None) -> HttpResponse:
    if request.method == "POST" and not is_save(request):
        form.show_again(request.POST)
    name, label = LISTS[kind]
    picked = _picked(request, row)
    context = {
        "form": form,
        "row": row,
        "kind": kind,
        "list_address": reverse(f"console:{name}"),
        "list_label": label,
        "picked": picked,
        "unsaved": request.method == "POST" or picked is not None,
    }
    return render(request, f"console/content/{name}_form.html", context)
