"""Plan: the month, the week and the list; moving what is planned, and adding to it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django_htmx.http import push_url

from backend.console.frame import authorization
from backend.console.frame.authorization import Request
from backend.console.plan import moves, new_entry
from backend.console.plan.page import ADD, MOVE, PlanPage
from backend.console.plan.plan_query import read, read_address
from campaigns.planning.errors import InvalidPlan
from campaigns.planning.models import WAITING, Publication, PublicationState
from campaigns.planning.services import publications


@authorization.page_view("read plan")
def plan(request: Request) -> HttpResponse:
    asked = read(request.GET)
    page = PlanPage(asked, request)
    if request.htmx and request.htmx.target == "plan-panel":
        return push_url(render(request, "console/plan/_panel.html", page.panel), asked.address())
    return render(request, "console/plan/plan.html", page.context)


@authorization.post_action(MOVE)
def drop_publication(request: Request, publication_id: int) -> HttpResponse:
    """To another day at the same time of day, or back to where it was. Whoever drags on a page that is no longer true
    is told, and nothing is moved."""
    row = _locked(publication_id)
    form = moves.DropForm(request.POST)
    if not form.is_valid() or not (form.cleaned_data["day"] or form.cleaned_data["at"]):
        raise InvalidPlan("Choose a day to move it to. Nothing was moved.", field="day")
    moves.check_seen(row, form.cleaned_data["seen"])
    was, at = row.publish_at, form.cleaned_data["at"]
    wanted = at or moves.to_day(row, form.cleaned_data["day"])
    row = publications.reschedule_publication(publication=row, publish_at=wanted, zone=row.zone, by=request.user)
    asked = read_address(request.POST.get("next", ""))
    undo = moves.Undo(row, was)
    if request.htmx:
        page = PlanPage(asked, request)
        return render(request, "console/plan/_moved.html", page.context | {"undo": None if at else undo, "moved": undo})
    if at:
        messages.success(request, undo.words)
    return HttpResponseRedirect(asked.address(undo="" if at else undo.address))


@authorization.form_view(MOVE)
def move_publication(request: Request, publication_id: int) -> HttpResponse:
    """By a date field, for whoever does not drag; and back to the plan, or to the page that one came from."""
    row = _locked(publication_id) if request.method == "POST" else _row(publication_id)
    wanted = authorization.next_url(request)
    back = read_address(wanted)
    elsewhere = "" if wanted.startswith(reverse("console:plan")) else wanted
    form = moves.MoveForm(request.POST or None, row=row)
    waits = row.state in WAITING
    if waits and request.method == "POST" and form.is_valid():
        was, held = row.publish_at, row.state == PublicationState.HELD
        try:
            row = form.save(row, by=request.user)
        except authorization.REFUSALS as refusal:
            form.refuse(refusal)
        else:
            done = moves.Undo(row, was)
            if held:  # going back in time would not hold it again
                messages.success(request, f"{done.words} It is no longer on hold.")
            elif elsewhere:
                messages.success(request, done.words)
            return HttpResponseRedirect(elsewhere or back.address(undo="" if held else done.address))
    context = {
        "row": row,
        "form": form,
        "back": elsewhere or back.address(),
        "elsewhere": elsewhere,
        "waits": waits,
    }
    status = 422 if form.errors else 200
    return render(request, "console/plan/move.html", context, status=status)


@authorization.form_view(ADD)
def add_to_plan(request: Request) -> HttpResponse:
    """A post or an event on a day, as a draft."""
    back = read_address(request.POST.get("next", "") or request.GET.get("next", ""))
    asked = read(request.GET)
    channels, campaigns = new_entry.known_channels(), new_entry.known_campaigns()
    post, event = new_entry.add_forms(
        asked.day, channels=channels, campaigns=campaigns, campaign=back.campaign, channel=back.channel
    )
    if request.method == "POST":
        form: new_entry.PostForm | new_entry.EventForm
        if request.POST.get("what") == "event":
            form = event = new_entry.EventForm(request.POST, campaigns=campaigns)
        else:
            form = post = new_entry.PostForm(request.POST, campaigns=campaigns, channels=channels)
        if form.is_valid():
            try:
                said = form.save(by=request.user)
            except authorization.REFUSALS as refusal:
                form.refuse(refusal)
            else:
                messages.success(request, said)
                return HttpResponseRedirect(back.on(form.cleaned_data["day"]).address())
    wrong = post if post.errors else event
    context = {"post": post, "event": event, "form": wrong, "plain": back.address(), "day": asked.day}
    return render(request, "console/plan/add.html", context, status=422 if wrong.errors else 200)


def _row(pk: int) -> Publication:
    return get_object_or_404(Publication.objects.select_related("content", "channel"), pk=pk)


def _locked(pk: int) -> Publication:
    rows = Publication.objects.select_related("content", "channel").select_for_update(of=("self",))
    return get_object_or_404(rows, pk=pk)


urlpatterns = [
    path("plan", plan, name="plan"),
    path("plan/add", add_to_plan, name="add_to_plan"),
    path("plan/publications/<int:publication_id>/drop", drop_publication, name="drop_publication"),
    path("plan/publications/<int:publication_id>/move", move_publication, name="move_publication"),
]
