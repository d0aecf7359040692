"""How the web server is started."""

from __future__ import annotations

import resource
import sys

from django.conf import settings

CONNECTIONS = 16_384
"""Open files: each connection is one, also that of a stranger who only holds it."""


def command() -> list[str]:
    """One process: SQLite has one writer, and threads share its cache."""
    options = {
        "--interface": "rsgi",
        "--host": settings.ENV.host,
        "--port": settings.ENV.port,
        "--workers": 1,
        "--workers-kill-timeout": 10,
        "--backlog": 4096,  # connections of strangers that only wait cost nothing but their place
        "--http1-header-read-timeout": 10_000,  # milliseconds
        "--log-level": "error",  # at "warning" it advises on threads at every start
    }
    pairs = [str(part) for pair in options.items() for part in pair]
    return [sys.executable, "-m", "granian", *pairs, "--no-access-log", "backend.rsgi:application"]


def allow_many_connections() -> None:
    """As far as the system lets us."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = CONNECTIONS if hard == resource.RLIM_INFINITY else min(CONNECTIONS, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
