"""Connecting a channel by signing in on its own pages: who began it, what is kept until they come back, and the end.

How each channel does it stands with its adapter: scheduler.channels.lib.sign_in.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings as django_settings
from django.core import signing
from django.db.models import Model
from django.utils import timezone
from pydantic import ValidationError

from campaigns.planning.models import Channel
from scheduler.channels.lib.sign_in import App, AuthorizationContext, SignIn, SignInFailed
from scheduler.connections import services as connections
from scheduler.connections.adapter_context import adapter_context
from scheduler.connections.models import Connection, PendingSignIn
from scheduler.errors import CannotSignIn, InvalidConnection

KEPT_FOR = timedelta(minutes=10)
TIMEOUT = 10.0  # seconds
SIGNER = signing.TimestampSigner(salt="scheduler.connections.authorization")


def start(
    *, channel: Channel, kind: str, settings: dict[str, Any], redirect_uri: str, by: Model
) -> tuple[str, datetime]:
    """Begin a sign-in: the address that this person opens within ten minutes, and when that time is over. Nothing is
    connected before `finish`; a second start leaves the first one open.

    Call outside a transaction: some channels are asked first. Raises InvalidConnection, CannotSignIn.
    """
    adapter = connections.check_kind(channel=channel, kind=kind)
    sign_in = _sign_in_of(adapter)
    whole = _whole(adapter, settings, sign_in)
    context = _authorization_context(adapter, sign_in, whole, redirect_uri)
    nonce = secrets.token_urlsafe(32)
    try:
        request = sign_in.begin(context, state=SIGNER.sign(nonce))
    except SignInFailed as error:
        raise CannotSignIn(str(error), code=error.code) from error
    now = timezone.now()
    PendingSignIn.objects.filter(created_at__lt=now - KEPT_FOR).delete()
    PendingSignIn.objects.create(
        nonce=nonce,
        channel=channel,
        person_id=by.pk,
        kind=kind,
        settings=whole,
        kept=json.dumps(request.handshake),
        redirect_uri=redirect_uri,
        created_at=now,
    )
    return request.address, now + KEPT_FOR


def finish(*, state: str, answer: Mapping[str, str], by: Model) -> Connection:
    """Connect the channel with what the person brought back, and ask it who we are. Each state works once, whatever
    comes of it, and only for the person who began.

    Call outside a transaction. Raises CannotSignIn, InvalidConnection, NotConnected.
    """
    pending = _claimed(state, by)
    adapter = connections.check_kind(channel=pending.channel, kind=pending.kind)
    sign_in = _sign_in_of(adapter)
    context = _authorization_context(adapter, sign_in, pending.settings, pending.redirect_uri)
    try:
        credentials = sign_in.finish(context, handshake=_handshake(pending), answer=answer)
    except SignInFailed as error:
        raise CannotSignIn(str(error), code=error.code) from error
    before = Connection.objects.filter(channel=pending.channel).first()
    kept = {name: getattr(before, name) for name in connections.KEPT_BY_A_SIGN_IN} if before else {}
    connection = connections.connect_channel(
        channel=pending.channel,
        kind=pending.kind,
        settings=credentials.settings,
        secrets=dict(credentials.secrets),
        by=by,
        **kept,
    )
    return connections.check_connection(connection=connection)


def _claimed(state: str, by: Model) -> PendingSignIn:
    """Whose row it was is asked before it is deleted, so that nobody ends a sign-in of somebody else."""
    try:
        nonce = SIGNER.unsign(state, max_age=KEPT_FOR)
    except signing.SignatureExpired:
        raise CannotSignIn("You took longer than 10 minutes. Start the sign-in again.", code="expired") from None
    except signing.BadSignature:
        raise CannotSignIn("This sign-in was not started here.", code="bad_state") from None
    pending = PendingSignIn.objects.select_related("channel").filter(nonce=nonce).first()
    if pending is not None and pending.person_id != by.pk:
        raise CannotSignIn("Someone else started this sign-in. Start your own.", code="not_yours")
    if pending is None or not PendingSignIn.objects.filter(pk=pending.pk).delete()[0]:
        raise CannotSignIn("This sign-in has already been used. Start again if it did not work.", code="used")
    return pending


def _handshake(pending: PendingSignIn) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(pending.kept or "")
    except json.JSONDecodeError:
        raise CannotSignIn("The keys of this installation have changed. Start again.") from None
    return found


def _sign_in_of(adapter: Any) -> SignIn:
    found: SignIn | None = getattr(adapter, "sign_in", None)
    if found is None:
        raise InvalidConnection(
            f"{adapter.label} is not connected by signing in. Enter its settings yourself.", field="kind"
        )
    return found


def _whole(adapter: Any, settings: dict[str, Any], sign_in: SignIn) -> dict[str, Any]:
    """The settings with their defaults; what the sign-in fills in may be missing. Raises InvalidConnection."""
    model = adapter.Settings
    try:
        return dict(model.model_validate(settings).model_dump(mode="json"))
    except ValidationError as error:
        for each in error.errors(include_input=False, include_url=False, include_context=False):
            name = ".".join(str(part) for part in each["loc"])
            if each["type"] != "missing" or name not in sign_in.discovered_settings:
                said = f"{name}: {connections.describe_error(model, each)}"
                raise InvalidConnection(said, field=f"settings.{name}") from None
    return dict(model.model_construct(**settings).model_dump(mode="json"))


def _authorization_context(
    adapter: Any, sign_in: SignIn, settings: dict[str, Any], redirect_uri: str
) -> AuthorizationContext:
    app = _app(adapter, settings) if sign_in.needs_app else None
    return AuthorizationContext(settings, app, redirect_uri, adapter_context().network, TIMEOUT)


def _app(adapter: Any, settings: dict[str, Any]) -> App:
    """The installation's app, whose secret goes to the channel itself or, by plain http, into a network that the
    installation named, wherever the settings of a connection point. Raises CannotSignIn, InvalidConnection."""
    client_id, client_secret = django_settings.SIGN_IN_APPS.get(adapter.kind, ("", ""))
    if not (client_id and client_secret):
        raise CannotSignIn(
            f"This installation has no app at {adapter.label} yet. See docs/configuration.md for how to set one up.",
            code="no_app",
        )
    for name, field in adapter.Settings.model_fields.items():
        if name.endswith("_base") and settings[name] != field.default and not settings[name].startswith("http://"):
            raise InvalidConnection(
                f"{name}: You sign in on {adapter.label} itself. Leave this out.", field=f"settings.{name}"
            )
    return App(client_id, client_secret)
