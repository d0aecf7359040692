"""Stands before every page of the console: who asks, may they, and what becomes of a refusal."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import nullcontext
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import render, resolve_url
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.defaults import page_not_found
from django_htmx.http import HttpResponseClientRedirect

from backend.accounts import roles
from backend.accounts.errors import AccountError
from backend.accounts.models import User
from backend.notifications.errors import NotificationError
from campaigns.bulletins.errors import BulletinError
from campaigns.hiring.errors import HiringError
from campaigns.mailing.errors import MailingError
from campaigns.planning.errors import PlanningError
from campaigns.website.errors import WebsiteError
from media.errors import MediaError
from scheduler.errors import SchedulerError

View = Callable[..., HttpResponseBase]
REFUSALS = (
    PlanningError,
    BulletinError,
    MailingError,
    WebsiteError,
    HiringError,
    AccountError,
    MediaError,
    SchedulerError,
    NotificationError,
)
"""What rooms raise when they will not do what they were asked; each says why in a sentence for the person."""


class Request(HttpRequest):
    """A request that was let through: its user is a person."""

    user: User
    htmx: Any
    nav_item: str
    """Set by a page whose place in the navigation follows from its row."""
    nav_numbers: dict[str, int]
    """Set by a page that has counted, with numbers of its own, what waits at each place."""


def page_view(act: str) -> Callable[[View], View]:
    """A page or fragment that only reads."""
    return _authorize(act, ("GET", "HEAD"))


def post_action(act: str) -> Callable[[View], View]:
    """A button: one transaction. What a room refuses is said where the person came from, and nothing is changed."""
    return _authorize(act, ("POST",))


def network_view(act: str, *, page: bool = False) -> Callable[[View], View]:
    """A button, or a page with a form, that asks over the network: its service keeps its own transactions short, so
    none is held open here."""

    def decorate(view: View) -> View:
        view.whole = False  # type: ignore[attr-defined]
        return _authorize(act, ("GET", "HEAD", "POST") if page else ("POST",))(view)

    return decorate


def form_view(act: str) -> Callable[[View], View]:
    """A page with a form that comes back to it: shown on GET, saved on POST in one transaction."""
    return _authorize(act, ("GET", "HEAD", "POST"))


def next_url(request: HttpRequest) -> str:
    """Where the person wants to go next, as the form or the address says; empty unless it is a page of this house."""
    address = request.POST.get("next") or request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if address and safe else ""


def redirect_back(request: HttpRequest, otherwise: str = "console:today") -> HttpResponse:
    """To where the person came from: the form's `next`, or else a page of the console by its name."""
    return HttpResponseRedirect(next_url(request) or resolve_url(otherwise))


def confirm_saved(request: HttpRequest, words: str) -> None:
    """Say that what was sent from this page is saved; the copy that the browser kept of it is let go."""
    messages.success(request, words, extra_tags=request.path)


def has_permission(user: Any, act: str) -> bool:
    """Whether this person may do this, see the table of roles."""
    return isinstance(user, User) and roles.may(user.role, act)


def _authorize(act: str, methods: Collection[str]) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                answer = _answer(view, act, methods, request, args, kwargs)
            except Http404 as missing:  # answered here, so that it is kept by nobody either
                answer = page_not_found(request, missing)
            add_never_cache_headers(answer)
            return answer

        guarded.act = act  # type: ignore[attr-defined]
        guarded.methods = methods  # type: ignore[attr-defined]
        return guarded

    if act not in roles.ACTS:
        raise LookupError(f"{act} is not in the table of roles.")
    return decorate


def _answer(
    view: View, act: str, methods: Collection[str], request: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> HttpResponseBase:
    if not isinstance(request.user, User) or not request.user.is_active:
        return _to_sign_in(request, methods)
    if not has_permission(request.user, act):
        return render(request, "console/frame/forbidden.html", status=403)
    if request.method not in methods:
        return HttpResponseNotAllowed(methods)
    with timezone.override(request.user.zone):
        if request.method in ("GET", "HEAD"):
            return view(request, *args, **kwargs)
        try:
            with transaction.atomic() if getattr(view, "whole", True) else nullcontext():
                return view(request, *args, **kwargs)
        except REFUSALS as refusal:
            return _say(request, refusal)


def _to_sign_in(request: Any, methods: Collection[str]) -> HttpResponse:
    """And from there back to the page on which they were, with a word if something was sent from it."""
    if request.method == "POST":
        messages.warning(request, "You were signed out, so nothing was saved. Sign in to return to where you were.")
    if request.htmx:
        address = request.htmx.current_url_abs_path or resolve_url("console:today")
        return HttpResponseClientRedirect(redirect_to_login(address).url)
    own = request.get_full_path() if "GET" in methods else next_url(request)
    return redirect_to_login(own or resolve_url("console:today"))


def _say(request: Any, refusal: Exception) -> HttpResponse:
    if not request.htmx:
        messages.error(request, str(refusal))
        return redirect_back(request)
    answer = render(
        request, "console/frame/components/message.html", {"level": "error", "text": str(refusal)}, status=409
    )
    answer.headers["HX-Retarget"] = "#messages"
    answer.headers["HX-Reswap"] = "innerHTML"
    return answer
