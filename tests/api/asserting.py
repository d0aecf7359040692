"""What every refusal of the API looks like."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse


def refused(answer: HttpResponse, status: int, code: str | None = None, field: str | None = None) -> dict[str, Any]:
    """Assert that this is a problem with this status, code and bad field; returns its body."""
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["type"] == f"urn:promenade:problem:{body['code']}"
    assert body["detail"]
    assert body["request_id"]
    if code is not None:
        assert body["code"] == code, body
    if field is not None:
        assert field in [error["field"] for error in body["errors"]], body
    return body


def ok(answer: HttpResponse, status: int = 200) -> Any:
    """Assert success; returns what was answered."""
    assert answer.status_code == status, answer.content
    return answer.json()


def ids(answer: HttpResponse) -> list[int]:
    return [item["id"] for item in ok(answer)["items"]]
