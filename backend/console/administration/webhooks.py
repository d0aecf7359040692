"""Webhooks: other systems that are told what happens here, and what they were told."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path

from backend.console.frame import authorization, form_pages, paging, parameters
from backend.console.frame.authorization import Request
from backend.console.frame.forms import EditForm, Form
from scheduler.models import WebhookDelivery, WebhookEndpoint
from scheduler.webhooks import endpoints as services
from scheduler.webhooks.models import EventType

FIELDS = ("address", "description", "event_types", "active")


class WebhookForm(Form):
    address = forms.CharField(label="Address", max_length=1000, help_text="Starts with https://.")
    description = forms.CharField(label="What it is for", max_length=200, required=False)
    event_types = forms.MultipleChoiceField(
        label="Events", choices=EventType.choices, widget=forms.CheckboxSelectMultiple
    )


class WebhookEditForm(EditForm, WebhookForm):
    active = forms.BooleanField(
        label="On",
        required=False,
        help_text="While it is off, it is not notified. When you turn it on again, it starts with new events.",
    )


@authorization.page_view("read webhooks")
def webhooks(request: Request) -> HttpResponse:
    return render(request, "console/administration/webhooks.html", {"rows": WebhookEndpoint.objects.all()[:200]})


@authorization.form_view("add webhook")
def new_webhook(request: Request) -> HttpResponse:
    form = WebhookForm(request.POST or None)
    if made := form.perform(lambda: services.add_endpoint(**form.cleaned_data)):
        return _secret(request, *made)
    return _page(request, form)


@authorization.form_view("change webhook")
def change_webhook(request: Request, endpoint_id: int) -> HttpResponse:
    row: WebhookEndpoint = parameters.row(request, WebhookEndpoint.objects, endpoint_id)
    form = WebhookEditForm(request.POST or None, values={name: getattr(row, name) for name in FIELDS})
    if form.perform(lambda: services.change_endpoint(endpoint=row, changes=_changes(row, form.cleaned_data))):
        messages.success(request, "The receiver was changed.")
        return redirect("console:webhook", row.pk)
    return _page(request, form, row)


def _page(request: Request, form: Form, row: WebhookEndpoint | None = None) -> HttpResponse:
    way = [form_pages.step("Webhooks", "webhooks")]
    if row:
        way.append(form_pages.step(row.description or "Receiver", "webhook", row.pk))
    return form_pages.render_form(
        request,
        form,
        heading="Change the receiver" if row else "Add a receiver",
        way=way,
        button="Save" if row else "Add receiver",
        help_text=(
            "A receiver is a program that Promenade notifies when something happens. We show its secret once, on "
            "the next page. Changing the receiver does not change the secret."
        ),
    )


def _changes(row: WebhookEndpoint, given: dict[str, Any]) -> dict[str, Any]:
    """Only what differs: saying anew that it is in use would start it anew."""
    return {name: value for name, value in given.items() if value != getattr(row, name)}


@authorization.page_view("read webhooks")
def webhook(request: Request, endpoint_id: int) -> HttpResponse:
    row = get_object_or_404(WebhookEndpoint, pk=endpoint_id)
    pages = paging.page(row.deliveries.all(), request)
    names = dict(EventType.choices) | {services.TEST: "Test message"}
    told = [(each, names.get(each.event_type, each.event_type)) for each in pages.rows]
    hears = [names[each] for each in row.event_types if each in names]
    context = {"row": row, "pages": pages, "told": told, "hears": hears}
    return render(request, "console/administration/webhook.html", context)


@authorization.post_action("test webhook")
def test_webhook(request: Request, endpoint_id: int) -> HttpResponse:
    services.send_test(endpoint=get_object_or_404(WebhookEndpoint, pk=endpoint_id))
    messages.success(request, "A test message is on its way. Refresh the page to see the result.")
    return redirect("console:webhook", endpoint_id)


@authorization.post_action("change webhook")
def rotate_webhook_secret(request: Request, endpoint_id: int) -> HttpResponse:
    row, secret = services.rotate_secret(endpoint=get_object_or_404(WebhookEndpoint, pk=endpoint_id))
    return _secret(request, row, secret)


def _secret(request: Request, row: WebhookEndpoint, secret: str) -> HttpResponse:
    """Shown in this answer and never again."""
    return render(request, "console/administration/webhook_secret.html", {"row": row, "secret": secret})


@authorization.post_action("remove webhook")
def remove_webhook(request: Request, endpoint_id: int) -> HttpResponse:
    services.remove_endpoint(endpoint=get_object_or_404(WebhookEndpoint, pk=endpoint_id))
    messages.success(request, "The receiver, its secret and its log have been removed.")
    return redirect("console:webhooks")


@authorization.post_action("replay webhook")
def replay_webhook(request: Request, delivery_id: int) -> HttpResponse:
    row = get_object_or_404(WebhookDelivery.objects.select_related("endpoint"), pk=delivery_id)
    services.replay_delivery(delivery=row)
    messages.success(request, "The message is being sent again.")
    return redirect("console:webhook", row.endpoint_id)


urlpatterns = [
    path("webhooks", webhooks, name="webhooks"),
    path("webhooks/new", new_webhook, name="new_webhook"),
    path("webhooks/<int:endpoint_id>", webhook, name="webhook"),
    path("webhooks/<int:endpoint_id>/change", change_webhook, name="change_webhook"),
    path("webhooks/<int:endpoint_id>/test", test_webhook, name="test_webhook"),
    path("webhooks/<int:endpoint_id>/rotate-secret", rotate_webhook_secret, name="rotate_webhook_secret"),
    path("webhooks/<int:endpoint_id>/remove", remove_webhook, name="remove_webhook"),
    path("webhooks/deliveries/<int:delivery_id>/replay", replay_webhook, name="replay_webhook"),
]
