"""Private addresses: with which a person reads the staff bulletin and the plan elsewhere, without signing in."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone

from backend.accounts import services
from backend.accounts.models import FeedToken
from backend.console.frame import authorization
from backend.console.frame.authorization import Request

FEEDS = {FeedToken.Feed.BULLETIN: "site:bulletin_feed", FeedToken.Feed.PLAN: "site:plan_calendar"}


@authorization.page_view("keep own account")
def private_addresses(request: Request) -> HttpResponse:
    return _page(request)


@authorization.post_action("keep own account")
def private_address(request: Request) -> HttpResponse:
    """A new private address for the person, shown in this answer and never again; the one before ends."""
    feed = _feed(request)
    if feed is None:
        return _unknown()
    token = services.issue_feed_token(user=request.user, feed=feed)
    address = f"{settings.BASE_URL}{reverse(FEEDS[feed])}?token={token}"
    return _page(request, new_feed=feed, new_address=address)


@authorization.post_action("keep own account")
def end_private_address(request: Request) -> HttpResponse:
    feed = _feed(request)
    if feed is None:
        return _unknown()
    services.revoke_feed_token(user=request.user, feed=feed)
    messages.success(request, f"{feed.label}: your private address no longer works.")
    return redirect("console:private_addresses")


def _feed(request: Request) -> FeedToken.Feed | None:
    feed = request.POST.get("feed", "")
    return FeedToken.Feed(feed) if feed in FeedToken.Feed.values else None


def _unknown() -> HttpResponse:
    return HttpResponseBadRequest("Choose the bulletin or the plan.", content_type="text/plain; charset=utf-8")


def _page(request: Request, **shown: str) -> HttpResponse:
    has = dict(request.user.feed_tokens.live(timezone.now()).values_list("feed", "last_used_at"))
    feeds = [(feed, feed.label, feed.value in has, has.get(feed.value)) for feed in FeedToken.Feed]
    return render(request, "console/account/private_addresses.html", {"feeds": feeds, **shown})


urlpatterns = [
    path("private-addresses", private_addresses, name="private_addresses"),
    path("private-address", private_address, name="private_address"),
    path("private-address/end", end_private_address, name="end_private_address"),
]
