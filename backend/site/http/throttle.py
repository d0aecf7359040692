"""Slows down whoever sends a form again and again. The address is kept as a keyed hash, and only for the hour."""

from __future__ import annotations

import redis
import structlog
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from backend.site.link_redirect import client_address

HOUR = 3600  # seconds

log = structlog.get_logger("promenade.site")


def exceeds_rate_limit(request: HttpRequest, what: str, *, an_hour: int) -> bool:
    """Count this one, and say whether it is more than `an_hour` from the same address. Without a cache nobody is
    stopped."""
    key = salted_hmac("site.throttle", f"{what}\0{client_address(request)}", algorithm="sha256").hexdigest()[:40]
    try:
        cache.add(key, 0, HOUR)
        return cache.incr(key) > an_hour
    except (redis.RedisError, ValueError) as error:  # away, or the hour ended between the two calls
        log.warning("not throttled", error=type(error).__name__)
        return False
