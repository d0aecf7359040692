"""Starts Promenade: checks the ground, brings the database up to date, then runs web server and worker together."""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection

from backend.console.management import preparation, web_server
from backend.console.management.place import PlaceTaken, take_place
from backend.console.management.processes import Supervisor
from backend.startup import preparation_lock
from campaigns.planning.models import Campaign


class Command(BaseCommand):
    help = "Start Promenade: the web server and the worker together, until Ctrl-C."
    requires_system_checks = []  # they cost a second, and `make lint` and the tests run them

    def handle(self, **_: Any) -> None:
        try:
            preparation.check_ground()
            place = self._take_place()
            preparation.collect_static_files()
            web_server.allow_many_connections()
            with _reserved_port(), Supervisor(settings.ROOT, self.stderr.write, keep_open=[place]) as supervisor:
                with preparation_lock():
                    changes = preparation.check_database()
                    supervisor.start("web server", web_server.command())  # loads meanwhile
                    preparation.prepare_database(changes, self.stdout)
                    if settings.ENV.demo and not settings.ENV.production and not Campaign.objects.exists():
                        call_command("demo", stdout=self.stdout)
                    self._greet(preparation.first_sign_in())
                connection.close()
                supervisor.start("worker", [sys.executable, "manage.py", "worker"])
                failed = supervisor.keep_running()
        except KeyboardInterrupt:
            self.stdout.write("Promenade has stopped.")
        except DatabaseError as error:
            raise CommandError(f"The database cannot be used: {str(error).strip()}") from None
        else:
            raise CommandError(f"The {failed} does not start, so Promenade has stopped. The lines above say why.")

    def _take_place(self) -> int:
        """Refuse where another start of this folder runs on this port, and wait for one that is ending."""
        wait = "The Promenade that ran here before is still ending. We wait for it."
        try:
            return take_place(settings.DATA_DIR, settings.ENV.port, on_wait=lambda: self.stdout.write(wait))
        except PlaceTaken as taken:
            raise CommandError(
                f"Promenade is running already, at {settings.ENV.public_url}/ (process {taken.pid}). End that one, or "
                f"choose another port: {_other_port()}"
            ) from None

    def _greet(self, sign_in: list[str]) -> None:
        home = settings.ENV.public_url
        lines = [
            "",
            f"Promenade       {home}/",
            f"Console         {home}/console/",
            f"API documents   {home}/api/v1/docs",
            *sign_in,
            "Ctrl-C ends it.",
            "",
        ]
        self.stdout.write("\n".join(lines))


@contextmanager
def _reserved_port() -> Iterator[None]:
    """Raises CommandError where a program listens on the port: then binding without SO_REUSEPORT fails. The web server
    sets that, so two starts at the same moment would share the port: Linux has names for sockets that only one holds.
    """
    host, port = settings.ENV.host, settings.ENV.port
    with socket.socket(socket.AF_UNIX) as name:
        try:
            if sys.platform == "linux":
                name.bind(f"\0promenade on {host}:{port}")
            family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            with socket.socket(family, kind) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                reason = f"Port {port} is already in use by another program"
            elif error.errno == errno.EACCES:
                reason = f"Port {port} is reserved for the system"
            else:
                raise CommandError(f"HOST={host} is no address of this machine ({error.strerror}).") from None
            raise CommandError(f"{reason}. Choose another one: {_other_port()}") from None
        yield


def _other_port() -> str:
    return f"PORT={8001 if settings.ENV.port != 8001 else 8002} make run"
