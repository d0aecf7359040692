"""Loads the demonstration."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from backend.console import demonstration


class Command(BaseCommand):
    help = "Load the demonstration: Langley Green's autumn of 2018. Loading it twice changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        if demonstration.load():
            self.stdout.write("The demonstration is loaded. Its first posts are published within a minute.")
        else:
            self.stdout.write("The demonstration is there already; nothing was changed.")
