"""News by email: asking for a list, confirming, and leaving. Works without scripts and without a cookie.

None of the forms acts for somebody who is signed in, and mail programs post to one of them by themselves (RFC 8058), so
they go without the check that a page of ours sent them. Nothing that they answer tells whether an address was known,
and neither does the time that it takes.
"""

from __future__ import annotations

from math import ceil
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from backend.accounts.errors import TooManyAttempts
from backend.accounts.limits import rules
from backend.accounts.limits.rules import Origin
from campaigns.mailing import services as subscriptions
from campaigns.mailing.errors import MailingError
from campaigns.mailing.models import MailingList
from campaigns.planning.models import Audience
from scheduler.mail import delivery as mail

_form = require_http_methods(["GET", "HEAD", "POST"])


def _answer(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, f"site/{template}.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"  # the address of the page is a secret of its reader
    return response


def _said(request: HttpRequest, title: str, text: str, status: int = 200) -> HttpResponse:
    return _answer(request, "said", {"title": title, "text": text}, status)


def _too_often(request: HttpRequest, refusal: TooManyAttempts) -> HttpResponse:
    response = _said(request, "Too many attempts", f"Try again in {refusal.minutes}.", 429)
    response.headers["Retry-After"] = str(ceil(refusal.wait.total_seconds()))
    return response


def _unknown_link(request: HttpRequest, title: str, text: str) -> HttpResponse:
    """Only links that are nobody's are counted: whoever has a good one never waits for what others do."""
    try:
        rules.take_unknown_link(origin=Origin.of(request))
    except TooManyAttempts as refusal:
        return _too_often(request, refusal)
    return _said(request, title, text, 404)


@csrf_exempt
@_form
def subscribe(request: HttpRequest) -> HttpResponse:
    lists = list(MailingList.objects.filter(audience=Audience.PUBLIC, pk__in=mail.served_lists()))
    if request.method != "POST":
        return _answer(request, "subscribe", {"lists": lists})
    asked, given = request.POST.get("list", ""), request.POST.get("address", "")
    chosen = next((row for row in lists if str(row.pk) == asked), None)
    context = {"lists": lists, "asked": asked, "given": given[:254]}
    if chosen is None:
        return _answer(
            request, "subscribe", context | {"wrong": "list", "error": "Choose what you want to receive."}, 400
        )
    try:
        address = subscriptions.clean_address(given[:1000])
        rules.take_subscription(recipient=address, origin=Origin.of(request))
        subscriptions.request_subscription(mailing_list=chosen, address=address, at=timezone.now())
    except TooManyAttempts as refusal:
        return _too_often(request, refusal)
    except MailingError as error:
        return _answer(request, "subscribe", context | {"wrong": "address", "error": str(error)}, 400)
    return _said(
        request,
        "Check your inbox",
        "If this address is not already subscribed, we have sent it an email. Open the link in the email "
        "within 7 days. If it does not arrive, check your junk folder.",
    )


@csrf_exempt
@_form
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A page with a button: programs that look at mail open every link in it, and none presses a button."""
    now = timezone.now()
    posted = request.method == "POST"
    found = (
        subscriptions.confirm(token=token, at=now)
        if posted
        else subscriptions.find_by_confirmation_token(token, at=now)
    )
    if found is None:
        return _unknown_link(request, "This link has expired", "Subscribe again to get a new one.")
    name = found.mailing_list.name
    if posted:
        return _said(request, "Thank you", f"You are subscribed to “{name}”. Every email has a link to unsubscribe.")
    return _answer(request, "press", {"title": f"Subscribe to “{name}”?", "button": "Subscribe"})


@csrf_exempt
@_form
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A mail program's one click posts at once; a person who opens the link finds a button."""
    if request.method == "POST":
        subscriptions.unsubscribe(token=token)
        return _said(request, "You have unsubscribed", "You will not get any more emails from it.")
    found = subscriptions.find_by_token(token)
    if found is None:
        return _unknown_link(request, "This address is not subscribed", "You do not need to do anything.")
    return _answer(
        request, "press", {"title": f"Unsubscribe from “{found.mailing_list.name}”?", "button": "Unsubscribe"}
    )
