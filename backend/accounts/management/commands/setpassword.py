"""Gives a person a new password, for whoever can reach the command line."""

from __future__ import annotations

import getpass
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from backend.accounts import services
from backend.accounts.errors import InvalidAccount
from backend.accounts.models import User


class Command(BaseCommand):
    requires_system_checks = []
    help = "Set a person's password: asked for on a terminal, or made and printed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--make", action="store_true", help="create a password instead of asking for one")

    def handle(self, *, email: str, make: bool, **_: Any) -> None:
        try:
            user = User.objects.get_by_natural_key(email)
        except User.DoesNotExist:
            raise CommandError(f"Nobody signs in with {email}.") from None
        typed = "" if make or not sys.stdin.isatty() else self._ask()
        password = typed or services.make_password()
        try:
            services.set_password(user=user, password=password)
        except InvalidAccount as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{user.email} has a new password." if typed else f"The new password of {user.email}:")
        if not typed:
            self.stdout.write(password)

    def _ask(self) -> str:
        typed = getpass.getpass("New password (leave empty to have one created): ")
        if typed and getpass.getpass("Repeat it: ") != typed:
            raise CommandError("The passwords do not match. Nothing was changed.")
        return typed
