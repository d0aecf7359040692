"""Who is asking: Django's middleware, and one question more."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from backend.accounts import sessions


class PersonMiddleware(AuthenticationMiddleware):
    """Knows only people whose sign-in is as strong as the installation asks of them. It looks when somebody asks, so
    that public pages do not load a session."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _known(request))  # type: ignore[assignment]


def _known(request: HttpRequest) -> Any:
    user: Any = get_user(request)
    if user.is_authenticated and not sessions.is_complete(session=request.session, user=user):
        return AnonymousUser()
    return user
