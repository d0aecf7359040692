"""Every error of the API as application/problem+json. The only place that knows which refusal is which HTTP status."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from http import HTTPStatus
from math import ceil
from typing import Any

import structlog
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from backend import database_away
from backend.accounts.errors import AccountError, InvalidAccount, PasswordsBusy
from backend.notifications.errors import InvalidDestination, NotificationError
from campaigns.bulletins.errors import BulletinError, InvalidBulletin
from campaigns.hiring.errors import HiringError, InvalidHiring
from campaigns.mailing.errors import InvalidMailing, MailingError
from campaigns.planning.errors import InvalidPlan, NotAllowed, PlanningError
from campaigns.website.errors import InvalidItem, WebsiteError
from media.errors import InvalidPicture, MediaError
from scheduler.errors import CannotPreview, InvalidConnection, InvalidReport, InvalidWebhook, SchedulerError

CONTENT_TYPE = "application/problem+json"
UNPROCESSABLE = (
    InvalidPlan,
    InvalidBulletin,
    InvalidMailing,
    InvalidItem,
    InvalidHiring,
    InvalidAccount,
    InvalidPicture,
    InvalidConnection,
    InvalidWebhook,
    InvalidReport,
    CannotPreview,
    InvalidDestination,
)
# Rooms name a row; a body names it by its id.
ROWS = frozenset({"candidate", "channel", "stated_channel", "vacancy"})
ROOTS = (
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

log = structlog.get_logger("promenade.api")


class ProblemError(Exception):
    """Raised inside the API for what no room knows: preconditions, idempotency, paging."""

    def __init__(self, status: int, code: str, detail: str, *, place: str = "query", field: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.place = place
        self.field = field


def response(
    request: HttpRequest,
    *,
    status: int,
    code: str,
    detail: str,
    errors: list[dict[str, str]] | None = None,
    **more: Any,
) -> HttpResponse:
    """`more` are extension members (RFC 9457, 3.2), of JSON types."""
    body = {
        "type": f"urn:promenade:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": request.META.get("promenade.request_id"),
        "errors": errors or [],
        **more,
    }
    answer = HttpResponse(json.dumps(body), status=status, content_type=CONTENT_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="promenade"'
    return answer


def _one(place: str, field: str | None, message: str) -> list[dict[str, str]]:
    return [{"place": place, "field": field, "message": message}] if field else []


def on_room_error(request: HttpRequest, error: Any) -> HttpResponse:
    if isinstance(error, UNPROCESSABLE):
        status = 422
    elif isinstance(error, NotAllowed):
        status = 403
    elif isinstance(error, PasswordsBusy):
        status = 503
    else:
        status = 409
    field = f"{error.field}_id" if error.field in ROWS else error.field
    errors = _one("body", field, str(error))
    answer = response(request, status=status, code=error.code, detail=str(error), errors=errors)
    if isinstance(error, PasswordsBusy):
        answer.headers["Retry-After"] = str(ceil(error.wait.total_seconds()))
    return answer


def on_problem(request: HttpRequest, error: ProblemError) -> HttpResponse:
    return response(
        request,
        status=error.status,
        code=error.code,
        detail=str(error),
        errors=_one(error.place, error.field, str(error)),
    )


def on_validation(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = [_field_problem(item) for item in error.errors]
    first = errors[0] if errors else {"field": "", "message": "The request is not valid."}
    detail = f"{first['field']}: {first['message']}" if first["field"] else first["message"]
    return response(request, status=422, code="invalid", detail=detail, errors=errors)


def _field_problem(item: dict[str, Any]) -> dict[str, str]:
    place, *path = [str(part) for part in item.get("loc", ("body",))]
    if place == "body" and path == ["payload"] and item.get("type") == "missing":
        return {"place": "body", "field": "", "message": "Send a JSON object as the body."}
    # ninja puts the name of the view's parameter before the fields of a body.
    fields = path[1:] if place in ("body", "query", "form") and len(path) > 1 else path
    message = str(item.get("msg", "")).removeprefix("Value error, ")
    if not message.endswith((".", "?")):
        message += "."
    return {"place": place, "field": ".".join(fields), "message": message}


def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    # ninja hides what the parser said behind one sentence of its own.
    if isinstance(error.__cause__, ValidationError):
        return on_validation(request, error.__cause__)
    if isinstance(error.__cause__, HttpError):
        error = error.__cause__
    code = {400: "malformed", 401: "not_signed_in", 403: "not_allowed", 404: "not_found"}.get(
        error.status_code, "error"
    )
    return response(request, status=error.status_code, code=code, detail=str(error))


def on_missing(request: HttpRequest, _: Exception) -> HttpResponse:
    return response(request, status=404, code="not_found", detail="There is nothing with this id.")


def on_race(request: HttpRequest, _: IntegrityError) -> HttpResponse:
    """Every constraint is checked in words before a row is saved; what the database refuses came in between."""
    return response(
        request,
        status=409,
        code="changed_meanwhile",
        detail="Someone saved the same at the same time. Read it again, then repeat your request.",
    )


def on_crash(request: HttpRequest, error: Exception) -> HttpResponse:
    if database_away.is_away(error):
        database_away.drop_sessions(error)
        return _unavailable(request)
    # Where, and not the message: a database or a validator quotes the value that it stumbled over.
    log.error("unexpected error", error=type(error).__name__, where=traceback.format_tb(error.__traceback__))
    return response(
        request,
        status=500,
        code="server_error",
        detail="Something went wrong. Nothing was changed. Give your administrator the request id.",
    )


def _unavailable(request: HttpRequest) -> HttpResponse:
    detail = "The database is not available. Nothing was changed. Send the same request again in a moment."
    answer = response(request, status=503, code="unavailable", detail=detail)
    answer.headers["Retry-After"] = str(database_away.RETRY_AFTER)
    return answer


def install(api: NinjaAPI) -> None:
    handlers: dict[type[Exception], Callable[..., HttpResponse]] = {
        **dict.fromkeys(ROOTS, on_room_error),
        ProblemError: on_problem,
        ValidationError: on_validation,
        HttpError: on_http_error,
        Http404: on_missing,
        ObjectDoesNotExist: on_missing,
        IntegrityError: on_race,
        Exception: on_crash,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


class ProblemMiddleware:
    """Turns what Django answers by itself under /api/ (unknown address, wrong method, too large) into a problem."""

    SENTENCES = {
        400: ("malformed", "The request could not be read."),
        404: ("not_found", "There is no such address in this API. See /api/v1/docs."),
        405: ("method_not_allowed", "This address does not take this method."),
        413: ("too_large", "The request is too large."),
        500: ("server_error", "Something went wrong. Give your administrator the request id."),
    }

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        is_ours = answer.get("Content-Type", "").startswith(("application/problem+json", "application/json"))
        if not request.path.startswith("/api/") or is_ours:
            return answer
        if answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
            return _unavailable(request)
        known = self.SENTENCES.get(answer.status_code)
        if known is None:
            return answer
        problem = response(request, status=answer.status_code, code=known[0], detail=known[1])
        if "Allow" in answer.headers:
            problem.headers["Allow"] = answer.headers["Allow"]
        return problem
