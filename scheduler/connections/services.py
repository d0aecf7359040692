"""Making channels publishable: settings, encrypted secrets, health."""

from __future__ import annotations

import json
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from campaigns.planning.models import Audience, Channel, Reason, Remedy
from campaigns.planning.services import waiting_publications
from scheduler.channels import registry
from scheduler.channels.contract import Adapter, CannotRead
from scheduler.connections.adapter_context import adapter_context
from scheduler.connections.models import Connection
from scheduler.errors import DATABASE_ERRORS, InvalidConnection, NotConnected
from scheduler.posts import waiting_takedowns

CHECK_TIMEOUT = 10.0  # seconds
KEPT_BY_A_SIGN_IN = ("rate_per_minute", "burst", "monthly_cap")
"""What people chose for a channel, and a new sign-in says nothing about."""

log = structlog.get_logger("promenade.scheduler")


@transaction.atomic
def connect_channel(
    *,
    channel: Channel,
    kind: str,
    settings: dict[str, Any],
    secrets: dict[str, Any] | None,
    rate_per_minute: int | None = None,
    burst: int = 1,
    monthly_cap: int | None = None,
    by: Model | None = None,
) -> Connection:
    """Connect a channel, or change its connection. Without secrets the ones that are kept stay, and so does each that
    is given as None, unless an address has changed: they go only where they were given for. At most
    `rate_per_minute` posts go out, `burst` of them at once after a quiet time; None leaves the pace to the channel.
    What would cost more than `monthly_cap` (thousandths of a US dollar) in a calendar month is held.

    What was held for want of a connection is scheduled again, each under its own lateness rule.
    Raises InvalidConnection, naming the setting; nothing is stored then.
    """
    adapter = check_kind(channel=channel, kind=kind)
    row = Connection.objects.select_for_update().filter(channel=channel).first()
    fresh = {name: value for name, value in (secrets or {}).items() if value is not None}
    keeps = secrets is None or len(fresh) < len(secrets)
    kept = _secrets(row) if keeps and row is not None and row.kind == kind else {}
    staying = {name: value for name, value in kept.items() if name not in fresh}
    clean_settings = _validated(adapter.Settings, settings, "settings")
    clean_secrets = _validated(adapter.Secrets, staying | fresh, "secrets")
    if row is not None and any(staying.values()) and _leads_elsewhere(row.settings, clean_settings):
        raise InvalidConnection(
            "You changed the address: enter the secret again.",
            field="secrets",
        )
    row = row or Connection(channel=channel)
    row.kind = kind
    row.settings = clean_settings
    row.secrets = json.dumps(clean_secrets)
    row.status = Connection.Status.UNCHECKED
    row.account = row.message = ""
    row.checked_at = row.expires_at = row.warned_days = None
    row.next_check_at = timezone.now()
    row.rate_per_minute = rate_per_minute
    row.burst = row.tokens = burst
    row.monthly_cap = monthly_cap
    row.failures, row.paused_until, row.pause_reason = 0, None, ""
    row.save()
    _let_go(channel, by=by)
    waiting_publications.release_cleared(remedy=Remedy.HIGHER_CAP, channel=channel, by=by)
    return row


def check_kind(*, channel: Channel, kind: str) -> Any:
    """The adapter's class. Raises InvalidConnection where there is no such adapter, or the wrong people would read
    it."""
    adapter = registry.find_adapter_class(kind)
    if adapter is None:
        known = ", ".join(registry.adapter_classes())
        raise InvalidConnection(f"There is no adapter of this kind. Choose one of: {known}.", field="kind")
    reaches = registry.reaches(kind, channel.audience)
    if reaches != channel.audience:
        who = "everyone" if reaches == Audience.PUBLIC else "staff"
        raise InvalidConnection(f"{adapter.label} is read by {who}; this channel says otherwise.", field="kind")
    return adapter


def _leads_elsewhere(before: dict[str, Any], now: dict[str, Any]) -> bool:
    """Whether an address is another one: whoever may write it would else be told what nobody may read."""
    addresses = [
        name for name, value in now.items() if name == "host" or str(value).startswith(("https://", "http://"))
    ]
    return any(before.get(name, now[name]) != now[name] for name in addresses)


def _validated(model: type[BaseModel], values: dict[str, Any], place: str) -> dict[str, Any]:
    try:
        found = model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        said = f"{name or place}: {describe_error(model, first)}"
        raise InvalidConnection(said, field=f"{place}.{name}" if name else place) from None
    return {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in ((name, getattr(found, name)) for name in model.model_fields)
    }


def describe_error(model: type[BaseModel], error: ErrorDetails) -> str:
    """A pattern says nothing to whoever fills in the form; the field's own description does."""
    if error["type"] == "string_pattern_mismatch":
        described = model.model_fields[str(error["loc"][0])].description or ""
        return f"This is not in the right format. {described}".strip()
    return f"{error['msg'].removeprefix('Value error, ').rstrip('.')}."


def _secrets(row: Connection) -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(row.secrets or "{}")
    except json.JSONDecodeError:
        raise NotConnected(
            "We cannot read the stored access token with the current keys. Connect the channel again, or "
            "restore ENCRYPTION_KEYS.",
            code=Reason.CANNOT_DECRYPT,
        ) from None
    return found


def secret_names(*, connection: Connection) -> list[str]:
    """Which secrets are kept, never their values; none where they cannot be decrypted."""
    try:
        return sorted(name for name, value in _secrets(connection).items() if value)
    except NotConnected:
        return []


def disconnect_channel(*, channel: Channel) -> None:
    """Forget the connection with its secrets. Waiting publications are held when they fall due."""
    for row in Connection.objects.filter(channel=channel):
        row.delete()


def find_adapter_class(connection: Connection | None) -> Any | None:
    """What this connection's kind is and can do, whatever its settings; None where nothing is connected, or this
    installation has no such kind."""
    return registry.find_adapter_class(connection.kind) if connection else None


def find_adapter(connection: Connection | None) -> Adapter | None:
    """The adapter of this connection; None where there is none that can be used now (see adapter_of)."""
    try:
        return adapter_of(connection) if connection else None
    except NotConnected:
        return None


def adapter_of(connection: Connection, **elsewhere: Any) -> Adapter:
    """The same, where it is needed: raises NotConnected, with what to do, when what is stored cannot be used.
    `elsewhere` are settings that take the place of its own, such as another channel of the same workspace."""
    try:
        adapter = registry.build(
            connection.kind,
            settings={**connection.settings, **elsewhere},
            secrets=_secrets(connection),
            context=adapter_context(connection.channel_id),
        )
    except ValidationError:
        raise NotConnected("The stored settings of this channel are no longer valid. Connect it again.") from None
    if adapter is None:
        raise NotConnected(
            f"{connection.channel.name} is connected to “{connection.kind}”, which this version of Promenade "
            "does not support. Connect it to another service, or install the version that supported it."
        )
    return adapter


def check_connection(*, connection: Connection) -> Connection:
    """Ask the channel who we are and what its own limits are, and store the answer. No answer leaves the status as it
    was and says so, yet keeps what a person is asked to mend; a healthy one lets go what was held for want of a
    sign-in.

    Call outside a transaction: it asks over the network. Raises NotConnected.
    """
    adapter = adapter_of(connection)
    found: dict[str, Any] = {}
    try:
        health = adapter.check(timeout=CHECK_TIMEOUT)
    except CannotRead as error:
        found["message"] = str(error)
    except DATABASE_ERRORS:
        raise
    except Exception as error:  # the channel's answer is odd in a way that its adapter does not name
        log.exception("adapter failed without a name", adapter=connection.kind)
        found["message"] = f"We could not check the channel ({type(error).__name__}). Try again later."
    else:
        found["status"] = Connection.Status.HEALTHY if health.ok else Connection.Status.NEEDS_SIGN_IN
        found["account"] = health.account
        found["message"] = health.message
        found["expires_at"] = health.expires_at
        found["settings"] = connection.settings | health.settings
    return _note_check(connection, found)


@transaction.atomic
def _note_check(asked: Connection, found: dict[str, Any]) -> Connection:
    """Store an answer, unless the channel was connected anew while it was on its way: it speaks of the old one then."""
    row = Connection.objects.select_for_update().filter(pk=asked.pk).first()
    if row is None:
        raise NotConnected("The channel was disconnected during the check.")
    if (row.kind, row.settings, row.secrets) == (asked.kind, asked.settings, asked.secrets):
        for name, value in (found | {"checked_at": timezone.now()}).items():
            setattr(row, name, value)
        row.answered = "status" in found
        silent = not row.answered and row.status == Connection.Status.NEEDS_SIGN_IN
        row.save(update_fields=["checked_at"] if silent else [*found, "checked_at"])
        if row.status == Connection.Status.HEALTHY:
            _let_go(row.channel, by=None)
    return row


def _let_go(channel: Channel, *, by: Model | None) -> None:
    waiting_publications.release_cleared(remedy=Remedy.CONNECTION, channel=channel, by=by)
    waiting_takedowns.resume_takedowns(channel)
