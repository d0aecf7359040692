"""One publication: what goes out or went out, what became of it, and what a person decides about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone

from backend.console.frame import authorization, parameters
from backend.console.frame.authorization import Request
from backend.console.frame.forms import Form, LongTextField, WallTimeField
from backend.console.publishing import explanations
from campaigns.hiring import visits
from campaigns.planning.errors import PlanningError
from campaigns.planning.models import STILL_TO_GO, WAITING, ContentState, Publication
from campaigns.planning.services import publications as services
from campaigns.website import addresses
from media.models import Picture
from scheduler.engine.models import Attempt
from scheduler.errors import CannotPreview, NotConnected
from scheduler.mail.delivery import delivery_counts
from scheduler.posts import drafts, manual_publishing


@authorization.page_view("read publications")
def publication(request: Request, publication_id: int) -> HttpResponse:
    rows = Publication.objects.with_content().select_related(
        "content__picture", "channel__connection", "created_by", "takedown", "sent_post"
    )
    row = get_object_or_404(rows, pk=publication_id)
    tries = list(row.attempts.all())
    link = getattr(row, "link", None)
    context = {
        "row": row,
        "story": explanations.explain_status_to(request.user, row, timezone.now()),
        "text": _text(row, tries),
        "pictures": _pictures(row),
        "tries": tries,
        "link": addresses.link_url(link.code) if link else "",
        "visits": visits.count_visits(link)
        if link and authorization.has_permission(request.user, "read links")
        else None,
        "mails": delivery_counts(row) if row.channel.category == row.channel.Category.EMAIL else [],
        "can_mark_published": row.state in WAITING and row.content.state == ContentState.APPROVED,
    }
    return render(request, "console/publishing/publication.html", context)


def _text(row: Publication, tries: list[Attempt]) -> dict[str, Any]:
    """The text as it will go out, or as it went."""
    went_out = row.sent_post.text if hasattr(row, "sent_post") else ""
    sent = went_out or next((each.text for each in reversed(tries) if each.text), "")
    if row.state not in STILL_TO_GO:
        return {"text": sent or row.wording or drafts.default_wording(row.content), "went": bool(sent)}
    try:
        payload = drafts.preview(row)
    except (NotConnected, CannotPreview) as error:
        return {"text": row.wording or drafts.default_wording(row.content), "problem": str(error)}
    return {"text": payload.text, "length": payload.length, "limit": payload.limit, "warnings": payload.warnings}


def _pictures(row: Publication) -> list[Picture]:
    own = [placed.picture for placed in row.placed_pictures.select_related("picture")]
    return own or ([row.content.picture] if row.content.picture else [])


@authorization.post_action("release publication")
def release_publication(request: Request, publication_id: int) -> HttpResponse:
    row = services.release_publication(publication=get_object_or_404(Publication, pk=publication_id), by=request.user)
    return done(request, row, "Released. It will be published at its scheduled time, or now if that has passed.")


@authorization.post_action("retry publication")
def retry_publication(request: Request, publication_id: int) -> HttpResponse:
    row = services.retry_publication(publication=get_object_or_404(Publication, pk=publication_id), by=request.user)
    return done(request, row, "We are trying again now.")


@authorization.post_action("mark taken down")
def mark_taken_down(request: Request, publication_id: int) -> HttpResponse:
    row = services.mark_taken_down(publication=get_object_or_404(Publication, pk=publication_id), by=request.user)
    return done(request, row, "Marked as taken down.")


class WhyForm(Form):
    reason = LongTextField(
        label="Reason", required=False, max_length=2000, rows=3, help_text="This is kept with the post."
    )


class MarkPublishedForm(Form):
    at = WallTimeField(label="When it was published")
    url = forms.URLField(
        label="Where it can be seen",
        required=False,
        assume_scheme="https",
        help_text="The address of the post, if it has one.",
    )


@authorization.form_view("hold publication")
def hold_publication(request: Request, publication_id: int) -> HttpResponse:
    def save(row: Publication, reason: str) -> str:
        services.hold_publication(publication=row, by=request.user, reason=reason)
        return "On hold until someone releases it."

    return _ask(request, publication_id, "Hold", lambda _: WhyForm(_posted(request)), save)


@authorization.form_view("cancel publication")
def cancel_publication(request: Request, publication_id: int) -> HttpResponse:
    def save(row: Publication, reason: str) -> str:
        services.cancel_publication(publication=row, by=request.user, reason=reason)
        return "Cancelled. It will not be published."

    return _ask(request, publication_id, "Cancel post", lambda _: WhyForm(_posted(request)), save)


@authorization.form_view("mark published")
def mark_published(request: Request, publication_id: int) -> HttpResponse:
    def save(row: Publication, at: Any, url: str) -> str:
        moment = timezone.make_aware(at)
        manual_publishing.mark_published(publication=row, at=moment, url=url, by=request.user)
        return "Marked as published."

    if request.method == "POST":
        get_object_or_404(Publication, pk=publication_id)
        services.lock_content_of(publication_id)

    def form(_: Publication) -> Form:
        return MarkPublishedForm(_posted(request), initial={"at": timezone.now()})

    return _ask(request, publication_id, "Mark as published", form, save)


def _posted(request: Request) -> Any:
    """Also where nothing is filled in: an empty reason is an answer."""
    return request.POST if request.method == "POST" else None


def _ask(
    request: Request, publication_id: int, label: str, make: Callable[[Publication], Form], save: Callable[..., str]
) -> HttpResponse:
    """A page with one question; what is typed is kept when it cannot be done."""
    rows = Publication.objects.select_related("content", "channel")
    row: Publication = parameters.row(request, rows, publication_id, of=("self",))
    form = make(row)
    if request.method == "POST" and form.is_valid():
        try:
            return done(request, row, save(row, **form.cleaned_data))
        except PlanningError as error:
            form.refuse(error)
    context = {"row": row, "form": form, "label": label, "next": request.POST.get("next") or request.GET.get("next")}
    return render(request, "console/publishing/publication_question.html", context)


def done(request: Request, row: Publication, said: str) -> HttpResponse:
    """Say it, and go back to where the person came from."""
    messages.success(request, f"{row.content.title} on {row.channel.name}: {said}")
    if request.POST.get("next"):
        return authorization.redirect_back(request)
    return redirect("console:publication", row.pk)


urlpatterns = [
    path("publications/<int:publication_id>", publication, name="publication"),
    path("publications/<int:publication_id>/release", release_publication, name="release_publication"),
    path("publications/<int:publication_id>/retry", retry_publication, name="retry_publication"),
    path("publications/<int:publication_id>/mark-taken-down", mark_taken_down, name="mark_taken_down"),
    path("publications/<int:publication_id>/hold", hold_publication, name="hold_publication"),
    path("publications/<int:publication_id>/cancel", cancel_publication, name="cancel_publication"),
    path("publications/<int:publication_id>/mark-published", mark_published, name="mark_published"),
]
