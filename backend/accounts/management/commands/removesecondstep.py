"""Removes a person's second step, for whoever can reach the command line."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.accounts import second_steps
from backend.accounts.models import User


class Command(BaseCommand):
    requires_system_checks = []
    help = (
        "Remove the authenticator app, passkeys and recovery codes of a person who lost them, and end their sessions."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")

    def handle(self, *, email: str, **_: Any) -> None:
        try:
            user = User.objects.get_by_natural_key(email)
        except User.DoesNotExist:
            raise CommandError(f"Nobody signs in with {email}.") from None
        second_steps.remove_second_step(user=user, by=None)
        self.stdout.write(f"{user.email} no longer uses two-step sign-in, and signs in with the password only.")
