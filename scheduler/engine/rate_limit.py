"""How fast a connection may send: a token bucket, a circuit breaker, and pauses that the channel asks for.

All of it stands on the connection's row, so that every worker on every host sees the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduler.channels.contract import NotSent, OutcomeUnknown, Receipt
from scheduler.connections.models import Connection
from scheduler.leases.back_off import even_back_off

BREAKS_AFTER = 5
"""Sends in a row without a usable answer, after which the breaker opens."""
COLUMNS = ("channel_id", "rate_per_minute", "burst", "tokens", "tokens_at", "failures", "paused_until")
"""All of a connection that `permits` and `consume` need: nobody decrypts its secrets for that."""
OPEN_BASE = 15.0  # seconds
OPEN_CAP = 900.0  # seconds
NO_ANSWER = frozenset({"needs_sign_in", "overslept", "rate_limited"})
"""Codes of refusals that say nothing about whether the channel is reachable."""


def permits(connection: Connection, now: datetime, *, busy: int) -> int | None:
    """How many sends may begin now, where `busy` are under way; None means no limit. An open breaker lets one through
    as a trial when its time is over."""
    if connection.paused_until is not None and connection.paused_until > now:
        return 0
    tokens = None if connection.rate_per_minute is None else int(_tokens(connection, now))
    if connection.failures >= BREAKS_AFTER:
        trial = 0 if busy else 1
        return trial if tokens is None else min(trial, tokens)
    return tokens


def _tokens(connection: Connection, now: datetime) -> float:
    """Tokens in the bucket: filled at the rate, never above the burst."""
    rate = connection.rate_per_minute or 0
    since = (now - connection.tokens_at).total_seconds() if connection.tokens_at else 0.0
    return min(float(connection.burst), connection.tokens + max(0.0, since) * rate / 60)


def consume(connection: Connection, count: int, now: datetime) -> None:
    """Take tokens for sends that begin. Call with the row locked."""
    if count and connection.rate_per_minute is not None:
        Connection.objects.filter(pk=connection.pk).update(tokens=_tokens(connection, now) - count, tokens_at=now)


def record(channel_id: int, outcome: Receipt | NotSent | OutcomeUnknown, now: datetime) -> None:
    """Learn from an outcome: success closes the breaker, silence opens it after a while, and a channel that names a
    time is left alone until then. Call inside the transaction that records the outcome."""
    known = Connection.objects.filter(channel_id=channel_id)
    if isinstance(outcome, Receipt) and not known.exclude(failures=0, paused_until=None).exists():
        return  # the usual case takes no lock
    connection = known.select_for_update().first()
    if connection is None:
        return
    # Sends that were under way when the channel named a time end later; their answers do not shorten it.
    kept = _named_a_time(connection, now)
    until, reason = (connection.paused_until, connection.pause_reason) if kept else (None, "")
    if isinstance(outcome, NotSent) and outcome.retry_after:
        until = now + timedelta(seconds=outcome.retry_after)
        if connection.paused_until is None or connection.paused_until < until:
            _write(connection, failures=connection.failures, until=until, reason=str(outcome))
    elif isinstance(outcome, Receipt) or (isinstance(outcome, NotSent) and outcome.permanent):
        if connection.failures or connection.paused_until:
            _write(connection, failures=0, until=until, reason=reason)
    elif outcome.code not in NO_ANSWER:
        failures = connection.failures + 1
        if failures >= BREAKS_AFTER:
            opened = now + even_back_off(failures - BREAKS_AFTER, base=OPEN_BASE, cap=OPEN_CAP)
            if until is None or until < opened:
                until, reason = opened, str(outcome)
        _write(connection, failures=failures, until=until, reason=reason)


def _named_a_time(connection: Connection, now: datetime) -> bool:
    """The pause that lasts is the channel's own wish and not the breaker's."""
    return connection.failures < BREAKS_AFTER and connection.paused_until is not None and connection.paused_until > now


def _write(connection: Connection, *, failures: int, until: datetime | None, reason: str) -> None:
    Connection.objects.filter(pk=connection.pk).update(failures=failures, paused_until=until, pause_reason=reason)
