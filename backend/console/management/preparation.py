"""What must be done before the first request of a fresh checkout or a new version: checks, migrations, a sign-in."""

from __future__ import annotations

import secrets
import tempfile

import redis
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError, OutputWrapper
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from backend.accounts import services
from backend.accounts.errors import AccountError
from backend.accounts.models import Role, User
from scheduler.installation import start_check


def check_ground() -> None:
    """Raises CommandError where the data folder or the queue cannot be used."""
    _check_data_folder()
    _check_queue()


def check_database() -> int:
    """How many steps the database lags behind the code. Raises CommandError for one that must not be touched."""
    try:
        start_check.check_installation()
    except start_check.StartRefused as refused:
        raise CommandError(f"Promenade cannot start. {refused}") from None
    return _missing_migrations()


def prepare_database(changes: int, stdout: OutputWrapper) -> None:
    """Call once check_database has said how many steps there are."""
    if changes:
        call_command("migrate", interactive=False, verbosity=0)
        stdout.write(f"The database was brought up to date ({changes} steps).")
    _check_columns()
    start_check.record_installation()


def collect_static_files() -> None:
    """Locally they are served from the packages."""
    if settings.ENV.production:
        call_command("collectstatic", interactive=False, verbosity=0)


def first_sign_in() -> list[str]:
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


def _check_data_folder() -> None:
    try:
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=settings.DATA_DIR).close()
    except OSError as error:
        raise CommandError(
            f"The data folder {settings.DATA_DIR} cannot be written ({error.strerror}). "
            "Set DATA_DIR to a folder that you may write to."
        ) from None


def _check_queue() -> None:
    if settings.REDIS_URL:
        try:
            redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5).ping()
        except redis.RedisError:
            raise CommandError("Redis does not answer. Start it, or check REDIS_URL.") from None


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
