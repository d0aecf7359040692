"""Idempotency-Key: the same request twice has one effect and one answer
(draft-ietf-httpapi-idempotency-key-header, 2025)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.retention import delete_in_batches
from backend.api.models import IdempotentResponse
from backend.api.problems import response

HEADER = "Idempotency-Key"
LENGTH = 255  # characters
KEPT_FOR = timedelta(days=1)
ABANDONED_AFTER = timedelta(minutes=2)
"""A first request that has not ended by then died with its process; the next one takes its place."""


def run_once(request: HttpRequest, user: User, run: Callable[[], HttpResponse]) -> HttpResponse:
    """Run a POST, or answer what its first run answered.

    Another body under the same key is 422; a second request while the first runs is 409. Answers of 5xx are not kept.
    """
    key = request.headers.get(HEADER, "")
    if request.method != "POST" or HEADER not in request.headers:
        return run()
    if not 0 < len(key) <= LENGTH or not key.isascii() or not key.isprintable():
        return response(
            request,
            status=422,
            code="bad_idempotency_key",
            detail=f"An Idempotency-Key has 1 to {LENGTH} printable ASCII characters.",
            errors=[{"place": "header", "field": HEADER, "message": "Not a usable key."}],
        )
    fingerprint = _fingerprint(request)
    kept = _begin(user, key, fingerprint)
    if isinstance(kept, IdempotentResponse):
        return _answer(request, kept, fingerprint)
    try:
        answer = run()
    except BaseException:
        IdempotentResponse.objects.filter(pk=kept).delete()
        raise
    if answer.status_code >= 500:
        IdempotentResponse.objects.filter(pk=kept).delete()
    else:
        IdempotentResponse.objects.filter(pk=kept).update(
            status=answer.status_code,
            content_type=answer.headers.get("Content-Type", ""),
            body=answer.content.decode(),
        )
    return answer


def _fingerprint(request: HttpRequest) -> str:
    parts = [request.method or "", request.get_full_path(), request.headers.get("Content-Type", "").split(";")[0]]
    whole = hashlib.sha256("\n".join(parts).encode())
    if request.content_type == "multipart/form-data":  # its boundary differs each time
        for name, values in sorted(request.POST.lists()):
            whole.update(f"\n{name}={values}".encode())
        for name, files in sorted(request.FILES.lists()):
            for file in files:
                whole.update(f"\n{name}:".encode())
                for chunk in file.chunks():
                    whole.update(chunk)
                file.seek(0)
    else:
        whole.update(b"\n" + request.body)
    return whole.hexdigest()


def _begin(user: User, key: str, fingerprint: str) -> IdempotentResponse | int:
    """The id of a row that is now ours to fill, or the row that was there before."""
    now = timezone.now()
    IdempotentResponse.objects.filter(user=user, key=key, started_at__lt=now - KEPT_FOR).delete()
    IdempotentResponse.objects.filter(user=user, key=key, status=None, started_at__lt=now - ABANDONED_AFTER).delete()
    try:
        with transaction.atomic():
            return IdempotentResponse.objects.create(user=user, key=key, fingerprint=fingerprint, started_at=now).pk
    except IntegrityError:
        return IdempotentResponse.objects.get(user=user, key=key)


def _answer(request: HttpRequest, kept: IdempotentResponse, fingerprint: str) -> HttpResponse:
    if kept.fingerprint != fingerprint:
        return response(
            request,
            status=422,
            code="idempotency_key_reused",
            detail="This Idempotency-Key was used for another request. Use a new key for a new request.",
        )
    if kept.status is None:
        return response(
            request,
            status=409,
            code="still_running",
            detail="The first request with this Idempotency-Key is still running. Try again in a moment.",
        )
    answer = HttpResponse(kept.body or "", status=kept.status, content_type=kept.content_type)
    answer.headers["Idempotency-Replayed"] = "true"
    return answer


def clear_old_answers(*, now: datetime) -> None:
    """Delete answers that no request gets any more."""
    delete_in_batches(IdempotentResponse.objects.filter(started_at__lt=now - KEPT_FOR))
