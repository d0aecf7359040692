"""Signing in and out, and the page that tells what needs a person today."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse


def too_many_attempts(
    request: HttpRequest, credentials: dict[str, Any] | None = None, *args: Any, **kwargs: Any
) -> HttpResponse:
    return HttpResponse("Too many attempts. Try again in 15 minutes.", status=429, content_type="text/plain")
