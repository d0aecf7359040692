"""Campaigns: what each is for, its content, its budget, and what came of it."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone

from backend.console.frame import authorization, form_pages, navigation, paging, parameters
from backend.console.frame.authorization import Request
from backend.console.frame.forms import DayField, EditForm, Form, LongTextField, PoundsField, WordsField
from backend.console.plan.campaign_timeline import timeline
from campaigns.hiring import campaign_results as results
from campaigns.planning import campaign_posts, organisation_clock
from campaigns.planning.models import Campaign, Content, Pause
from campaigns.planning.services import campaigns as campaigns_services
from scheduler.posts import spending

WHEN = {"running": "Running", "coming": "Upcoming", "past": "Past"}
CONTENT_ROWS = 15
WRITE = {
    "vacancy": ("add vacancy", "A job"),
    "event": ("add event", "An event"),
    "blog_entry": ("add blog entry", "A blog entry"),
    "bulletin": ("add bulletin", "A bulletin"),
}
FIELDS = (
    *("name", "slug", "purpose", "summary", "starts_on", "ends_on"),
    *("target_hires", "budget_pence", "rhythm_days", "hashtags"),
)


@authorization.page_view("read campaigns")
def campaigns(request: Request) -> HttpResponse:
    today = organisation_clock.today()
    when, purpose = request.GET.get("when", ""), request.GET.get("purpose", "")
    words = parameters.words(request)
    rows = _within(when, today)
    if purpose in Campaign.Purpose.values:
        rows = rows.filter(purpose=purpose)
    if words:
        rows = rows.filter(name__icontains=words)
    pages = paging.page(rows, request, sort="-starts_on")
    following = campaign_posts.next_posts(timezone.now()) if pages.rows else {}
    context = {
        "lines": [(row, WHEN[_standing(row, today)], following.get(row.pk)) for row in pages.rows],
        "pages": pages,
        "tabs": [("", "All"), *WHEN.items()],
        "when": when if when in WHEN else "",
        "purposes": Campaign.Purpose.choices,
        "purpose": purpose,
        "words": words,
        "days_ahead": campaign_posts.LOOKS_AHEAD.days,
    }
    return render(request, "console/plan/campaigns.html", context)


def _within(when: str, today: date) -> QuerySet[Campaign]:
    rows = Campaign.objects.all()
    if when == "running":
        return rows.filter(Q(ends_on=None) | Q(ends_on__gte=today), starts_on__lte=today)
    if when == "coming":
        return rows.filter(starts_on__gt=today)
    return rows.filter(ends_on__lt=today) if when == "past" else rows


def _standing(row: Campaign, today: date) -> str:
    if row.starts_on > today:
        return "coming"
    return "past" if row.ends_on and row.ends_on < today else "running"


class CampaignForm(Form):
    name = forms.CharField(
        label="Name", max_length=200, help_text="For example: Nurses for Langley Green, autumn 2030."
    )
    purpose = forms.ChoiceField(label="Purpose", choices=Campaign.Purpose.choices, widget=forms.RadioSelect)
    summary = LongTextField(label="Description", required=False, max_length=5000, rows=4)
    starts_on = DayField(label="First day")
    ends_on = DayField(label="Last day", required=False, help_text="Leave empty for no end date.")
    target_hires = forms.IntegerField(
        label="Target hires", required=False, min_value=0, max_value=1_000_000, help_text="For recruitment campaigns."
    )
    budget_pence = PoundsField(label="Budget in pounds", required=False, help_text="For example: 2,500.00.")
    rhythm_days = forms.IntegerField(
        label="Maximum days between posts",
        required=False,
        min_value=1,
        max_value=366,
        help_text=(
            "The plan shows a hint if nothing is published for longer. For example 7 for at least one post a week."
        ),
    )
    hashtags = WordsField(
        label="Hashtags",
        required=False,
        max_length=2000,
        help_text=(
            "Separate them with commas, with or without #. They are added to posts on channels that use hashtags."
        ),
    )
    slug = forms.SlugField(
        label="Short name",
        required=False,
        max_length=100,
        help_text="Used by programs: letters, numbers and hyphens. Leave empty to create it from the name.",
    )


class CampaignEditForm(EditForm, CampaignForm):
    pass


@authorization.form_view("add campaign")
def new_campaign(request: Request) -> HttpResponse:
    form = CampaignForm(request.POST or None)
    if row := form.perform(lambda: campaigns_services.add_campaign(**form.cleaned_data)):
        messages.success(request, f"{row.name} was added. You can now write content for it.")
        return redirect("console:campaign", row.pk)
    return _page(request, form)


@authorization.form_view("change campaign")
def change_campaign(request: Request, campaign_id: int) -> HttpResponse:
    rows = Campaign.objects.select_for_update() if request.method == "POST" else Campaign.objects
    row = get_object_or_404(rows, pk=campaign_id)
    form = CampaignEditForm(request.POST or None, values={name: getattr(row, name) for name in FIELDS})
    if changed := form.perform(lambda: campaigns_services.change_campaign(campaign=row, changes=form.cleaned_data)):
        messages.success(request, f"{changed.name} was changed.")
        return redirect("console:campaign", changed.pk)
    return _page(request, form, row)


def _page(request: Request, form: Form, row: Campaign | None = None) -> HttpResponse:
    way = [form_pages.step("Campaigns", "campaigns")]
    if row:
        way.append(form_pages.step(row.name, "campaign", row.pk))
    return form_pages.render_form(
        request,
        form,
        heading=f"Change {row.name}" if row else "Add a campaign",
        way=way,
        button="Save" if row else "Add campaign",
        help_text=(
            "You only need a name, purpose and first day; you can add the rest later. Changed hashtags apply to "
            "content when it is next approved."
        ),
    )


@authorization.page_view("read campaigns")
def campaign(request: Request, campaign_id: int) -> HttpResponse:
    today = organisation_clock.today()
    row = get_object_or_404(_with_results(request, today), pk=campaign_id)
    pauses = Pause.objects.active().filter(Q(campaign=row) | Q(channel=None, campaign=None))
    context = {
        "row": row,
        "standing": WHEN[_standing(row, today)],
        "posts": navigation.count_with_waiting(request, campaign_posts.posts_of(row.pk)),
        "pauses": pauses.order_by("-pk"),
        "timeline": timeline(row, request.GET.get("week", "")),
        "writes": [
            (kind, label, f"{reverse(f'console:new_{kind}')}?campaign={row.pk}")
            for kind, (act, label) in WRITE.items()
            if authorization.has_permission(request.user, act)
        ],
        "pages": paging.page(
            campaign_posts.with_posts(Content.objects.filter(campaign=row), timezone.now()), request, limit=CONTENT_ROWS
        ),
        **_results(row, today),
    }
    if authorization.has_permission(request.user, "read spending"):
        context["charged"] = spending.charged_to_campaign(row.pk)
    return render(request, "console/plan/campaign.html", context)


def _with_results(request: Request, today: date) -> QuerySet[Campaign]:
    """Read with the numbers that this person may see."""
    return results.with_results(
        Campaign.objects.all(),
        until=today,
        visits=authorization.has_permission(request.user, "read links"),
        people=authorization.has_permission(request.user, "read hires"),
    )


def _results(row: Any, today: date) -> dict[str, Any]:
    """Candidates and hires are told to those who may open them. Everybody else has the report, which tells no small
    numbers: beside it, a campaign's own figures could give them away."""
    numbers = {name: getattr(row, name, None) for name in ("visits", "candidates", "hires")}
    period = {"by": "campaign", "period": "own", "from": row.starts_on.isoformat(), "to": today.isoformat()}
    wanted = period if numbers["hires"] is not None and row.starts_on <= today else {"by": "campaign"}
    return numbers | {"report": f"{reverse('console:source_of_hire')}?{urlencode(wanted)}"}


urlpatterns = [
    path("campaigns", campaigns, name="campaigns"),
    path("campaigns/new", new_campaign, name="new_campaign"),
    path("campaigns/<int:campaign_id>", campaign, name="campaign"),
    path("campaigns/<int:campaign_id>/change", change_campaign, name="change_campaign"),
]
