"""Starts Promenade: checks the ground, brings the database up to date, then runs web server and worker together."""

from __future__ import annotations

import errno
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import redis
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from backend.accounts import services
from backend.accounts.errors import AccountError
from backend.accounts.models import Role, User
from backend.console.management.place import PlaceTaken, take_place
from backend.console.management.processes import Supervisor
from backend.startup import preparation_lock
from campaigns.planning.models import Campaign


class Command(BaseCommand):
    help = "Start Promenade: the web server and the worker together, until Ctrl-C."
    requires_system_checks = []  # they cost a second, and `make lint` and the tests run them

    def handle(self, **_: Any) -> None:
        try:
            _check_data_folder()
            place = self._take_place()
            _check_queue()
            if settings.ENV.production:
                call_command("collectstatic", interactive=False, verbosity=0)
            with _reserved_port(), Supervisor(settings.ROOT, self.stderr.write, keep_open=[place]) as supervisor:
                with preparation_lock():
                    changes = _missing_migrations()
                    supervisor.start("web server", _web_server())  # loads meanwhile
                    self._prepare_database(changes)
                    self._greet(_sign_in())
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

    def _prepare_database(self, changes: int) -> None:
        if changes:
            call_command("migrate", interactive=False, verbosity=0)
            self.stdout.write(f"The database was brought up to date ({changes} steps).")
        _check_columns()
        if settings.ENV.demo and not settings.ENV.production and not Campaign.objects.exists():
            call_command("demo", stdout=self.stdout)

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


def _check_data_folder() -> None:
    try:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=settings.DATA_DIR).close()
    except OSError as error:
        raise CommandError(
            f"The data folder {settings.DATA_DIR} cannot be written ({error.strerror}). "
            "Set DATA_DIR to a folder that you may write to."
        ) from None


def _missing_migrations() -> int:
    """How many steps the database lags behind the code. Refuses a database that is ahead of it."""
    executor = MigrationExecutor(connection)
    loader = executor.loader
    unknown = sorted(set(loader.applied_migrations) - set(loader.disk_migrations))
    if unknown:
        app, name = unknown[-1]
        raise CommandError(
            f"This database was made by a newer Promenade (it knows {app}.{name}). "
            "Start that version, or set DATA_DIR to another folder."
        )
    return len(executor.migration_plan(loader.graph.leaf_nodes()))


def _check_columns() -> None:
    """Until the first release the first migration may change: a database that was made by an earlier one is refused."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for model in apps.get_models():
            if not model._meta.managed or model._meta.swapped:
                continue
            table = model._meta.db_table
            there = (
                {column.name for column in connection.introspection.get_table_description(cursor, table)}
                if table in tables
                else set()
            )
            if not {field.column for field in model._meta.local_concrete_fields} <= there:
                raise CommandError(
                    "This database was made by an earlier Promenade that was not released, and cannot be brought up to "
                    "date. Keep it aside and set DATA_DIR to another folder."
                )


def _check_queue() -> None:
    if settings.REDIS_URL:
        try:
            redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5).ping()
        except redis.RedisError:
            raise CommandError("Redis does not answer. Start it, or check REDIS_URL.") from None


def _sign_in() -> list[str]:
    """How to sign in. Where there is no administrator the first one is made, and the password told this once."""
    admin = User.objects.filter(role=Role.ADMIN, is_program=False).order_by("-is_active", "id").first()
    if admin is not None:
        command = f".venv/bin/python manage.py setpassword {admin.email}"
        return [f"Sign in as      {admin.email}", f"New password    {command}"]
    password = secrets.token_urlsafe(12)
    try:
        admin = services.add_person(
            email=settings.ENV.admin_email, name="Administrator", role=Role.ADMIN, password=password
        )
    except AccountError as error:
        raise CommandError(f"The first administrator cannot be made. ADMIN_EMAIL: {error}") from None
    return [f"Sign in as      {admin.email}", f"Password        {password}   (shown only now)"]


def _web_server() -> list[str]:
    """One process: SQLite has one writer, and threads share its cache. A larger shape runs granian by itself."""
    options = {
        "--interface": "wsgi",
        "--host": settings.ENV.host,
        "--port": settings.ENV.port,
        "--workers": 1,
        "--blocking-threads": settings.ENV.web_threads,
        "--workers-kill-timeout": 10,
        "--log-level": "error",  # at "warning" it advises on threads at every start
    }
    pairs = [str(part) for pair in options.items() for part in pair]
    return [sys.executable, "-m", "granian", *pairs, "--no-access-log", "backend.wsgi:application"]
