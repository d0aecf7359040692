"""What every page of the house knows."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from campaigns.planning.models import Organisation


def organisation(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001 - a context processor's shape
    """The organisation, read only by pages that name it."""
    return {"organisation": SimpleLazyObject(Organisation.current)}
