"""API keys: which program acts under which role."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone

from backend.accounts import roles, services
from backend.accounts.models import ApiKey
from backend.console.administration.people import ROLE_CHOICES
from backend.console.frame import authorization, form_pages, paging, parameters
from backend.console.frame.authorization import Request
from backend.console.frame.forms import Form

DAYS_AT_MOST = 3650
TABS = {"live": "On", "ended": "Expired or revoked"}


class KeyForm(Form):
    RENAMED = {"expires_at": "days"}

    name = forms.CharField(label="What it is for", max_length=200, help_text="For example: careers website.")
    role = forms.ChoiceField(
        label="Role",
        choices=ROLE_CHOICES,
        widget=forms.RadioSelect,
        help_text="Choose the role with the fewest permissions it needs. Anyone who finds the key has this role.",
    )
    days = forms.IntegerField(
        label="Number of days until it expires",
        min_value=1,
        max_value=DAYS_AT_MOST,
        required=False,
        initial=365,
        help_text="Leave empty for no expiry date.",
    )


@authorization.page_view("read api keys")
def keys(request: Request) -> HttpResponse:
    now = timezone.now()
    live = ApiKey.objects.live(now)
    tab = "ended" if request.GET.get("tab") == "ended" else "live"
    rows = live if tab == "live" else ApiKey.objects.exclude(pk__in=live.values("pk"))
    pages = paging.page(rows.select_related("user"), request)
    context = {"pages": pages, "tab": tab, "tabs": TABS.items(), "now": now, "number": live.count()}
    return render(request, "console/administration/api_keys.html", context)


@authorization.form_view("add api key")
def new_key(request: Request) -> HttpResponse:
    form = KeyForm(request.POST or None)

    def make() -> tuple[ApiKey, str]:
        given, days = form.cleaned_data, form.cleaned_data["days"]
        ends = timezone.now() + timedelta(days=days) if days else None
        return services.create_api_key(name=given["name"], role=given["role"], expires_at=ends, by=request.user)

    if made := form.perform(make):
        row, secret = made
        return render(
            request, "console/administration/api_key_secret.html", {"row": row, "secret": secret}
        )  # and never again
    return form_pages.render_form(
        request,
        form,
        heading="Create an API key",
        way=[form_pages.step("API keys", "keys")],
        button="Create key",
        help_text=(
            "We show the key once, on the next page. The audit trail records what the program does under the "
            "name you enter here."
        ),
    )


@authorization.page_view("read api keys")
def key(request: Request, api_key_id: int) -> HttpResponse:
    row: ApiKey = get_object_or_404(ApiKey.objects.select_related("user", "created_by"), pk=api_key_id)
    context = {"row": row, "now": timezone.now(), "may": roles.IN_WORDS[row.user.role]}
    return render(request, "console/administration/api_key.html", context)


@authorization.form_view("revoke api key")
def revoke_key(request: Request, api_key_id: int) -> HttpResponse:
    row: ApiKey = parameters.row(request, ApiKey.objects.select_related("user"), api_key_id, of=("self",))
    if request.method == "POST":
        services.revoke_api_key(api_key=row)
        messages.success(request, f"The API key for {row.user.name} has been revoked. It no longer works.")
        return redirect("console:key", row.pk)
    return render(request, "console/administration/revoke_api_key.html", {"row": row})


urlpatterns = [
    path("keys", keys, name="keys"),
    path("keys/new", new_key, name="new_key"),
    path("keys/<int:api_key_id>", key, name="key"),
    path("keys/<int:api_key_id>/revoke", revoke_key, name="revoke_key"),
]
