"""Makes, lists and revokes API keys from the command line."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from backend.accounts import services
from backend.accounts.errors import InvalidAccount
from backend.accounts.models import ApiKey, Role
from campaigns.planning import organisation_clock


def _day(moment: datetime | None, *, otherwise: str) -> str:
    return f"{organisation_clock.to_local(moment):%Y-%m-%d %H:%M}" if moment else otherwise


class Command(BaseCommand):
    requires_system_checks = []
    help = "API keys, the way in for programs. `create` prints the key alone on its last line."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="create | list | revoke")
        create = actions.add_parser("create", help="create a key, which is shown once")
        create.add_argument("name", help="what the key is for")
        create.add_argument("--role", required=True, choices=Role.values)
        create.add_argument("--days", type=int, help="days until it expires; without this, no expiry date")
        actions.add_parser("list", help="all keys, newest first")
        revoke = actions.add_parser("revoke", help="revoke a key immediately")
        revoke.add_argument("id", type=int)

    def handle(self, *, action: str, **options: Any) -> None:
        if action == "create":
            self._create(options["name"], options["role"], options["days"])
        elif action == "revoke":
            self._revoke(options["id"])
        else:
            self._list()

    def _create(self, name: str, role: str, days: int | None) -> None:
        try:
            expires_at = None if days is None else timezone.now() + timedelta(days=days)
            key, secret = services.create_api_key(name=name, role=role, expires_at=expires_at)
        except OverflowError:
            raise CommandError("That is too many days. Choose fewer.") from None
        except InvalidAccount as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Key {key.pk} acts as {role}, and is only shown once:")
        self.stdout.write(secret)

    def _revoke(self, pk: int) -> None:
        key = ApiKey.objects.filter(pk=pk).first()
        if key is None:
            raise CommandError(f"There is no key {pk}. `apikey list` shows them all.")
        services.revoke_api_key(api_key=key)
        self.stdout.write(f"Key {pk} is revoked.")

    def _list(self) -> None:
        now = timezone.now()
        row = "{:>5}  {:<10}  {:<10}  {:<9}  {:<17}  {:<17}  {}"
        self.stdout.write(row.format("id", "begins", "role", "state", "ends", "last used", "name"))
        for key in ApiKey.objects.select_related("user"):
            expired = key.expires_at is not None and key.expires_at <= now
            self.stdout.write(
                row.format(
                    key.pk,
                    key.hint,
                    key.user.role,
                    "revoked" if key.revoked_at else "expired" if expired else "live",
                    _day(key.expires_at, otherwise="never"),
                    _day(key.last_used_at, otherwise="never"),
                    key.user.name,
                )
            )
