"""Runs the web server alone, for a supervisor that starts programs one by one."""

from __future__ import annotations

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from backend.console.management import web_server


class Command(BaseCommand):
    help = "Run the web server alone. `prepare` must have run, and `worker` publishes."
    requires_system_checks = []

    def handle(self, **_: Any) -> None:
        """In the place of this process, so that the supervisor's signals reach it."""
        os.chdir(settings.ROOT)
        web_server.allow_many_connections()
        words = web_server.command()
        os.execv(words[0], words)  # noqa: S606 - our own words
