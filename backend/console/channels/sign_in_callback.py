"""Where a channel sends people back to after they signed in on its pages. Its address is registered with our apps."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backend.accounts import roles
from backend.accounts.models import User
from backend.audit.middleware import audit_context
from backend.audit.models import LogEntry
from scheduler.connections import authorization
from scheduler.errors import SchedulerError


@require_GET
@never_cache
def sign_in_callback(request: HttpRequest) -> HttpResponse:
    """Connects the channel and says in words what happened. A GET that changes something: only the address with a
    state that this person got from us does."""
    user: Any = request.user
    if not isinstance(user, User) or not user.is_active:
        message = "You have been signed out. Sign in, then start connecting the channel again."
        return _page(request, 401, message=message)
    if not roles.may(user.role, "connect channel"):
        return _page(request, 403, message="Only an administrator can connect channels.")
    answer = {name: str(value) for name, value in request.GET.items() if name != "state"}
    request_id = request.META.get("promenade.request_id")
    try:
        with audit_context(actor=user, through=LogEntry.Through.SESSION, request_id=request_id):
            connection = authorization.finish(state=request.GET.get("state", ""), answer=answer, by=user)
    except SchedulerError as error:
        return _page(request, 400, message=str(error))
    return _page(request, 200, connection=connection)


def _page(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    return render(request, "console/channels/signed_in_to_channel.html", context, status=status)
