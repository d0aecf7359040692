"""Counts the requests that this web process has answered. Labels take few values, whatever strangers send: routes are
patterns and never paths, and a method that nobody knows is `other`."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

registry = CollectorRegistry()
ProcessCollector(registry=registry)
_answered = Counter(
    "promenade_http_requests",
    "Requests that this web process has answered, by the class of the status.",
    ["method", "route", "status"],
    registry=registry,
)
_took = Histogram(
    "promenade_http_request_duration_seconds",
    "How long this web process took to answer, from the first byte that Django saw.",
    ["route"],
    buckets=SECONDS,
    registry=registry,
)


def count(*, method: str | None, route: str, status: int, seconds: float) -> None:
    known = method if method in METHODS else "other"
    _answered.labels(known, route, f"{status // 100}xx").inc()
    _took.labels(route).observe(seconds)
