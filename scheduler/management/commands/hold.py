"""Puts all publishing on hold, without the console."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from campaigns.planning.errors import PlanningError
from campaigns.planning.models import Pause
from campaigns.planning.services.timing import pauses


class Command(BaseCommand):
    help = "Put all publishing on hold, until someone ends it on the Publishing page. Use it before a start."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("reason", help="The reason, which everyone in the console can read.")

    def handle(self, *, reason: str, **_: Any) -> None:
        if Pause.objects.active().filter(campaign=None, channel=None).exists():
            self.stdout.write("All publishing is on hold already.")
            return
        try:
            pauses.start_pause(reason=reason, by=None)
        except PlanningError as error:
            raise CommandError(str(error)) from None
        self.stdout.write("All publishing is on hold. What is being sent at this moment finishes.")
