"""Mailing lists: who gets our mail, and what became of it. Addresses show only to those who look after them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone

from backend.console.frame import authorization, form_pages, paging, parameters
from backend.console.frame.authorization import Request
from backend.console.frame.forms import EditForm, Form, LongTextField
from campaigns.mailing import services as subscriptions
from campaigns.mailing.errors import MailingError
from campaigns.mailing.models import MailingList, Subscriber, SubscriberStatus
from campaigns.planning.models import Audience
from scheduler.mail.models import Delivery

FIELDS = ("name", "from_name", "description")


class ListEditable(Form):
    name = forms.CharField(label="Name", max_length=200)
    from_name = forms.CharField(
        label="Sender name", max_length=200, help_text="The name readers see, for example Riverside Hospitals."
    )
    description = LongTextField(label="What subscribers get, and how often", required=False, max_length=2000, rows=3)


class NewListForm(ListEditable):
    audience = forms.ChoiceField(
        label="Audience",
        choices=Audience.choices,
        widget=forms.RadioSelect,
        help_text=(
            "You cannot change this later. People subscribe to public lists themselves; you add addresses to "
            "staff lists."
        ),
    )


class ListForm(EditForm, ListEditable):
    pass


class ImportForm(Form):
    addresses = LongTextField(
        label="Addresses",
        rows=8,
        help_text=f"One on each line, or separated by commas, up to {subscriptions.IMPORTED_AT_MOST:,} at a time. "
        "People who have unsubscribed are not added again.",
    )

    def clean_addresses(self) -> list[str]:
        found = [each.strip() for each in self.cleaned_data["addresses"].replace(",", "\n").splitlines()]
        return [each for each in found if each]


@authorization.page_view("read mailing lists")
def mailing_lists(request: Request) -> HttpResponse:
    pages = paging.page(MailingList.objects.all(), request, sort="name")
    lists, since = MailingList.objects.filter(pk__in=[row.pk for row in pages.rows]), _since(request)
    counts = subscriptions.counts(lists)
    joined = subscriptions.counts(lists, since=since) if since else {}
    context = {
        "rows": [(row, counts.get(row.pk, 0), joined.get(row.pk, 0)) for row in pages.rows],
        "pages": pages,
        "since": since,
    }
    return render(request, "console/channels/mailing_lists.html", context)


def _since(request: Request) -> date | None:
    """The day from which on sign-ups are asked for."""
    return parameters.day(request.GET.get("from", ""))


@authorization.form_view("add mailing list")
def new_mailing_list(request: Request) -> HttpResponse:
    form = NewListForm(request.POST or None)
    if row := form.perform(lambda: subscriptions.add_list(**form.cleaned_data)):
        messages.success(request, f"{row.name} was added. Choose it in the settings of an email channel.")
        return redirect("console:mailing_list", row.pk)
    return _page(request, form)


@authorization.form_view("change mailing list")
def change_mailing_list(request: Request, mailing_list_id: int) -> HttpResponse:
    row = parameters.row(request, MailingList.objects, mailing_list_id)
    form = ListForm(request.POST or None, values={name: getattr(row, name) for name in FIELDS})
    if form.perform(lambda: subscriptions.change_list(mailing_list=row, changes=form.cleaned_data)):
        messages.success(request, f"{row.name} was changed.")
        return redirect("console:mailing_list", row.pk)
    return _page(request, form, row)


def _page(request: Request, form: Form, row: MailingList | None = None) -> HttpResponse:
    way = [form_pages.step("Mailing lists", "mailing_lists")]
    if row:
        way.append(form_pages.step(row.name, "mailing_list", row.pk))
    return form_pages.render_form(
        request,
        form,
        heading=f"Change {row.name}" if row else "Add a mailing list",
        way=way,
        button="Save" if row else "Add list",
        help_text=(
            "Use a list name that subscribers will recognise. Each email shows the sender name. An email channel "
            "sends to the lists chosen in its settings."
        ),
    )


@authorization.page_view("read mailing lists")
def mailing_list(request: Request, mailing_list_id: int) -> HttpResponse:
    row = get_object_or_404(MailingList, pk=mailing_list_id)
    numbers = subscriptions.counts_by_status(row)
    sees_addresses = authorization.has_permission(request.user, "read subscribers")
    context: dict[str, Any] = {
        "row": row,
        "numbers": [(status.value, status.label, numbers.get(status, 0)) for status in SubscriberStatus],
        "tab": "addresses" if sees_addresses and request.GET.get("tab") != "mails" else "mails",
    }
    if context["tab"] == "addresses":
        context |= _addresses(request, row)
    elif authorization.has_permission(request.user, "read mail deliveries"):
        rows = Delivery.objects.filter(mailing_list=row).select_related("mailing__publication__content")
        context["pages"] = paging.page(rows, request)
    return render(request, "console/channels/mailing_list.html", context)


def _addresses(request: Request, row: MailingList) -> dict[str, Any]:
    status, since = request.GET.get("status", ""), _since(request)
    address = parameters.words(request, "address", at_most=254).lower()
    rows = Subscriber.objects.filter(mailing_list=row)
    if status in SubscriberStatus.values:
        rows = rows.filter(status=status)
    if address:
        rows = rows.filter(address=address)
    if since:
        rows = rows.joined_since(since)
    return {"pages": paging.page(rows, request), "status": status, "address": address, "since": since}


@authorization.form_view("import subscribers")
def import_subscribers(request: Request, mailing_list_id: int) -> HttpResponse:
    row = get_object_or_404(MailingList, pk=mailing_list_id)
    form = ImportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = subscriptions.import_addresses(mailing_list=row, at=timezone.now(), **form.cleaned_data)
        except MailingError as error:
            form.add_error("addresses", _with_the_address(error, form.cleaned_data["addresses"]))
        else:
            messages.success(request, f"{done.added} added, {done.known} already on the list.")
            return redirect("console:mailing_list", row.pk)
    return form_pages.render_form(
        request,
        form,
        heading=f"Add addresses to {row.name}",
        way=[form_pages.step("Mailing lists", "mailing_lists"), form_pages.step(row.name, "mailing_list", row.pk)],
        button="Add addresses",
        help_text=(
            "Only add people you are allowed to email, for example all staff in a team. If any address is wrong, "
            "we tell you which and do not add any."
        ),
    )


def _with_the_address(error: MailingError, given: list[str]) -> str:
    """Which one it was, where the room says that by its place among them."""
    place = (getattr(error, "field", None) or "").rpartition(".")[2]
    which = f"Address {int(place) + 1} ({given[int(place)]}): " if place.isdecimal() and int(place) < len(given) else ""
    return f"{which}{error} No addresses were added."


@authorization.post_action("unsubscribe subscriber")
def unsubscribe_subscriber(request: Request, subscriber_id: int) -> HttpResponse:
    row = subscriptions.unsubscribe_subscriber(subscriber=get_object_or_404(Subscriber, pk=subscriber_id))
    messages.success(request, "Unsubscribed. An import does not add them again.")
    return redirect("console:mailing_list", row.mailing_list_id)


@authorization.post_action("erase subscriber")
def erase_subscriber(request: Request, subscriber_id: int) -> HttpResponse:
    row = get_object_or_404(Subscriber, pk=subscriber_id)
    subscriptions.erase(subscriber=row)
    messages.success(
        request, ("The address has been erased. Emails already sent stay in the totals, without the address.")
    )
    return redirect("console:mailing_list", row.mailing_list_id)


urlpatterns = [
    path("mailing-lists", mailing_lists, name="mailing_lists"),
    path("mailing-lists/new", new_mailing_list, name="new_mailing_list"),
    path("mailing-lists/<int:mailing_list_id>", mailing_list, name="mailing_list"),
    path("mailing-lists/<int:mailing_list_id>/change", change_mailing_list, name="change_mailing_list"),
    path("mailing-lists/<int:mailing_list_id>/import", import_subscribers, name="import_subscribers"),
    path("subscribers/<int:subscriber_id>/unsubscribe", unsubscribe_subscriber, name="unsubscribe_subscriber"),
    path("subscribers/<int:subscriber_id>/erase", erase_subscriber, name="erase_subscriber"),
]
