"""Adding and changing where people are told, and trying it out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import QuerySet
from pydantic import ValidationError

from backend.accounts import roles
from backend.accounts.models import User
from backend.notifications import delivery, messages
from backend.notifications.causes import CAUSES, RUN, Cause, Timing
from backend.notifications.errors import DestinationRefused, InvalidDestination
from backend.notifications.models import Destination, Message
from campaigns.planning.models import Channel
from scheduler.channels.contract import ChannelError
from scheduler.channels.slack.adapter import Slack
from scheduler.channels.teams.adapter import Teams
from scheduler.connections.models import Connection
from scheduler.errors import NotConnected

Kind = Destination.Kind


def visible_to(user: User) -> QuerySet[Destination]:
    """A person's own, and for whoever looks after Promenade the shared ones."""
    own = Destination.objects.filter(person=user)
    return own | Destination.objects.filter(person=None) if roles.may(user.role, RUN) else own


def causes_for(destination: Destination) -> list[Cause]:
    """Of which this destination can be told at all."""
    if destination.person is None:
        return [cause for cause in Cause if cause != Cause.RETURNED]
    return [cause for cause in Cause if roles.may(destination.person.role, CAUSES[cause].act)]


def own_email(person: User) -> Destination:
    """Where a person is told who has chosen nothing."""
    row, _ = Destination.objects.get_or_create(person=person, kind=Kind.EMAIL)
    return row


@transaction.atomic
def add_destination(*, by: User, kind: str, shared: bool = False, **fields: Any) -> Destination:
    """Raises InvalidDestination, naming the field, and DestinationRefused for a shared one by whoever may not."""
    if shared and not roles.may(by.role, RUN):
        raise DestinationRefused("Only administrators can add shared notifications.")
    if kind == Kind.EMAIL and not shared:
        raise InvalidDestination("You are already notified at your own email address.", field="kind")
    row = Destination(person=None if shared else by, kind=kind)
    _set(row, fields)
    row.save()
    return row


@transaction.atomic
def change_destination(*, destination: Destination, changes: Mapping[str, Any]) -> Destination:
    """Set the named fields. A new address, or switching it on, starts it anew. Raises InvalidDestination."""
    row = Destination.objects.select_for_update().get(pk=destination.pk)
    before = (row.address, row.channel_id, row.active)
    _set(row, changes)
    if before != (row.address, row.channel_id, row.active):
        row.failures, row.failing_since, row.message = 0, None, ""
    row.save()
    return row


def remove_destination(*, destination: Destination) -> None:
    """Raises DestinationRefused for a person's own email, which is switched off instead."""
    if destination.kind == Kind.EMAIL and destination.person_id is not None:
        raise DestinationRefused("You cannot remove your own email. Turn it off instead.")
    destination.delete()


def send_test(*, destination: Destination) -> str:
    """Send a message that says that it is a test, now. Returns where it went, in words. Call outside a transaction: it
    asks over the network. Raises DestinationRefused, saying what went wrong."""
    message: Message = messages.compose_test(destination)
    try:
        delivery.send(message)
    except (ChannelError, NotConnected) as failure:
        raise DestinationRefused(f"The test was not sent. {failure}") from None
    Destination.objects.filter(pk=destination.pk).update(failures=0, failing_since=None, message="")
    return destination.label


def _set(row: Destination, fields: Mapping[str, Any]) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.name = row.name.strip()
    row.address = (row.address or "").strip() or None
    _check_timings(row)
    if (row.quiet_from is None) != (row.quiet_until is None):
        field = "quiet_until" if row.quiet_until is None else "quiet_from"
        raise InvalidDestination("Enter both times of the quiet hours, or neither.", field=field)
    _CHECKS[Kind(row.kind)](row)


def _check_timings(row: Destination) -> None:
    """Only what differs from the usual is kept, so that a better default reaches everybody."""
    unknown = [cause for cause in row.timings if cause not in Cause.values]
    if unknown or any(timing not in Timing.values for timing in row.timings.values()):
        raise InvalidDestination("Choose at once, in the daily summary or never for each.", field="timings")
    row.timings = {cause: timing for cause, timing in row.timings.items() if timing != CAUSES[Cause(cause)].timing}


def _check_email(row: Destination) -> None:
    row.channel = None
    if row.person_id is not None:
        row.address = None
        return
    try:
        validate_email(row.address or "")
    except DjangoValidationError:
        raise InvalidDestination("Enter an email address, like comms@trust.nhs.uk.", field="address") from None


def _check_teams(row: Destination) -> None:
    row.channel = None
    try:
        Teams.Secrets.model_validate({"address": row.address or ""})
    except ValidationError:
        raise InvalidDestination(
            "Enter the address of the workflow. Teams shows it when you create the workflow. It starts with https://.",
            field="address",
        ) from None


def _check_slack(row: Destination) -> None:
    app = Connection.objects.filter(channel=row.channel, kind=Slack.kind).first() if row.channel_id else None
    if app is None:
        raise InvalidDestination("Choose the Slack channel whose app posts here.", field="channel")
    try:
        Slack.Settings.model_validate({**app.settings, "channel_id": row.address or ""})
    except ValidationError:
        raise InvalidDestination(
            "Enter the ID of the channel in Slack. It starts with C or G, and stands at the end of its details.",
            field="address",
        ) from None


_CHECKS = {Kind.EMAIL: _check_email, Kind.TEAMS: _check_teams, Kind.SLACK: _check_slack}


def slack_channels() -> QuerySet[Channel]:
    """Channels whose connection has an app in Slack."""
    return Channel.objects.filter(connection__kind=Slack.kind, active=True).order_by("name")
