"""Stands before every operation: who asks, may they, and was this asked before."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.request import UnreadablePostError
from ninja.operation import Operation
from ninja.security import HttpBearer
from ninja.utils import check_csrf

from backend.accounts import services
from backend.accounts.models import ApiKey, User
from backend.api import acts, idempotency, preconditions
from backend.api.problems import response
from backend.audit.middleware import audit_context
from backend.audit.models import LogEntry

SAFE = ("GET", "HEAD", "OPTIONS")
UPLOAD_AT_MOST = 11_000_000  # bytes: the largest picture that media takes, and the form around it


class Bearer(HttpBearer):
    """Tells the document how programs sign in; the request is let through before."""

    def __call__(self, request: HttpRequest) -> User | None:
        return getattr(request, "principal", None)

    def authenticate(self, request: HttpRequest, token: str) -> User | None:  # noqa: ARG002 - see __call__
        return getattr(request, "principal", None)


def operation_name(view: Callable[..., Any]) -> str:
    """Module and function, such as `vacancies.create_vacancy`: its name in the table of acts."""
    return f"{view.__module__.rsplit('.', 1)[-1]}.{view.__name__}"


def authorize_request(run: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Wraps an operation. An operation that is missing from the table of acts keeps the server from starting."""
    operation: Operation = run.__self__  # type: ignore[attr-defined]
    name = operation_name(operation.view_func)
    allowed = acts.allowed_roles(name)
    known = {
        key
        for model in operation.models
        if getattr(model, "__ninja_param_source__", "") == "query"
        for key in model.__ninja_flatten_map__
    }

    takes_files = any(getattr(model, "__ninja_param_source__", "") in ("file", "form") for model in operation.models)

    @wraps(run)
    def guarded(request: HttpRequest, **path: Any) -> HttpResponse:
        user, key = _who(request)
        if user is None:
            return response(
                request,
                status=401,
                code="not_signed_in",
                detail="Sign in, or send an API key as `Authorization: Bearer …`.",
            )
        if key is None and request.method not in SAFE and check_csrf(request):
            return response(request, status=403, code="csrf", detail="The page is too old. Load it again and repeat.")
        if user.role not in allowed:
            return response(
                request,
                status=403,
                code="role",
                detail=f"This needs one of the roles {', '.join(sorted(allowed))}; yours is {user.role}.",
            )
        refusal = _unreadable(request, takes_files=takes_files) or _odd_query(request, known, path)
        if refusal is not None:
            return refusal
        request.principal = user  # type: ignore[attr-defined]
        through = LogEntry.Through.API_KEY if key else LogEntry.Through.SESSION
        with audit_context(
            actor=user, through=through, api_key=key, request_id=request.META.get("promenade.request_id")
        ):
            answer = idempotency.run_once(request, user, lambda: run(request, **path))
        if request.method in SAFE and answer.status_code == 200 and not answer.streaming:
            answer = preconditions.add_etag(request, answer)
        return answer

    return guarded


def _who(request: HttpRequest) -> tuple[User | None, ApiKey | None]:
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        key = services.find_api_key(secret=secret.strip()) if scheme.lower() == "bearer" else None
        return (key.user, key) if key else (None, None)
    user: Any = request.user
    return (user, None) if user.is_authenticated and user.is_active else (None, None)


def _unreadable(request: HttpRequest, *, takes_files: bool) -> HttpResponse | None:
    """Read the body once, here: inside ninja a form that is broken or too large would count as our own failure. What
    is not caught is a form that Django itself answers with 400."""
    multipart = takes_files and request.content_type == "multipart/form-data"
    limit = "11 MB" if multipart else "1 MB"
    if multipart and int(request.META.get("CONTENT_LENGTH") or 0) > UPLOAD_AT_MOST:
        return response(request, status=413, code="too_large", detail=f"The request is too large: {limit} at most.")
    try:
        _ = request.POST if multipart else request.body
    except RequestDataTooBig:
        return response(request, status=413, code="too_large", detail=f"The request is too large: {limit} at most.")
    except UnreadablePostError:
        return response(request, status=400, code="malformed", detail="The request broke off.")
    return None


def _odd_query(request: HttpRequest, known: set[str], path: dict[str, Any]) -> HttpResponse | None:
    """A filter that is misspelt would silently show everything, so it is an error."""
    for name, values in request.GET.lists():
        message = None
        if name not in known:
            message = "There is no such parameter here. " + (f"Known: {', '.join(sorted(known))}." if known else "")
        elif any("\x00" in value for value in values):
            message = "This text holds a null character."
        if message:
            shown = name.replace("\x00", "\\0")[:100]
            return response(
                request,
                status=422,
                code="bad_parameter",
                detail=f"{shown}: {message}",
                errors=[{"place": "query", "field": shown, "message": message}],
            )
    if any(isinstance(value, str) and "\x00" in value for value in path.values()):
        return response(request, status=404, code="not_found", detail="There is nothing with this id.")
    return None
