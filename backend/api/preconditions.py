"""ETag, If-None-Match and If-Match: nobody overwrites what they have not seen."""

from __future__ import annotations

import hashlib

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.http import parse_etags
from ninja import Schema
from ninja.renderers import JSONRenderer

from backend.api.problems import ProblemError

renderer = JSONRenderer()


def etag_of(body: bytes) -> str:
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def add_etag(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Name the state of what was read, or say that it is the one the reader has."""
    tag = etag_of(answer.content)
    answer.headers["ETag"] = tag
    answer.headers["Cache-Control"] = "private, no-cache"
    asked = parse_etags(request.headers.get("If-None-Match", ""))
    if "*" in asked or tag in {known.removeprefix("W/") for known in asked}:
        unchanged = HttpResponse(status=304)
        unchanged.headers["ETag"] = tag
        unchanged.headers["Cache-Control"] = "private, no-cache"
        return unchanged
    return answer


def check(request: HttpRequest, shape: type[Schema], row: Model | None) -> None:
    """Raise ProblemError (412) unless If-Match, where it is given, names the state of this row.

    Call with the row locked, inside the transaction that changes it. `shape` is what GET shows of the row;
    no row at all has no state that could be named.
    """
    given = request.headers.get("If-Match")
    if given is None or (given.strip() == "*" and row is not None):
        return
    if row is None or _etag_of_row(request, shape, row) not in parse_etags(given):
        raise ProblemError(
            412,
            "changed_meanwhile",
            "Someone changed this after you read it. Read it again and repeat your change.",
            place="header",
            field="If-Match",
        )


def _etag_of_row(request: HttpRequest, shape: type[Schema], row: Model) -> str:
    body = renderer.render(request, shape.model_validate(row, from_attributes=True).model_dump(), response_status=200)
    return etag_of(body.encode() if isinstance(body, str) else body)
