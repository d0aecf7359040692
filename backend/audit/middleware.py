"""Tells the audit trail who acts in this request. API and console name the person once they know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from auditlog.context import auditlog_value
from django.http import HttpRequest, HttpResponse

from backend.accounts.models import ApiKey, User
from backend.audit.models import LogEntry


@contextmanager
def audit_context(
    *, actor: User | None, through: str, api_key: ApiKey | None = None, request_id: str | None = None
) -> Iterator[None]:
    """Everything saved inside is attributed to this actor."""
    token = auditlog_value.set(
        {"actor": actor, "through": through, "api_key": api_key, "cid": request_id}  # read by audit.listeners
    )
    try:
        yield
    finally:
        auditlog_value.reset(token)


class AuditMiddleware:
    """Attributes a signed-in person's request to them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Requests that only read are not asked who they are: that would load the session, and make every public page
        # and feed vary by cookie.
        reads = request.method in ("GET", "HEAD")
        user: Any = None if reads or not request.user.is_authenticated else request.user
        through = LogEntry.Through.SESSION if reads or user else LogEntry.Through.VISITOR
        with audit_context(actor=user, through=through, request_id=request.META.get("promenade.request_id")):
            return self.get_response(request)
