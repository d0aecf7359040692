"""Sign-ins are looked after daily: renewed before they end, and their end is warned of in time."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pydantic import BaseModel, ConfigDict

from campaigns.planning.models import Channel, Publication
from scheduler import signals
from scheduler.channels.contract import CannotRead, Health, NotSent, OutcomeUnknown
from scheduler.connections import renewal
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from tests.scheduler.conftest import Remote, Told, send


class WithToken(BaseModel):
    model_config = ConfigDict(extra="forbid")

    token: str = "present"


@pytest.fixture
def connection(clock: time_machine.Traveller, channel: Channel, monkeypatch: pytest.MonkeyPatch) -> Connection:
    ends_in(monkeypatch, days=60)
    return Connection.objects.get(channel=channel)


@pytest.fixture
def warned() -> Any:
    found: list[int] = []

    def note(days: int, **_: Any) -> None:
        found.append(days)

    signals.connection_expiring.connect(note)
    yield found
    signals.connection_expiring.disconnect(note)


def ends_in(monkeypatch: pytest.MonkeyPatch, *, days: int) -> None:
    ends = timezone.now() + timedelta(days=days)
    answer = Health(ok=True, account="told", message="Well.", expires_at=ends)
    monkeypatch.setattr(Told, "check", lambda *_, **__: answer)


def renews(monkeypatch: pytest.MonkeyPatch, answer: dict[str, Any] | Exception) -> None:
    def refresh(*_: Any, **__: Any) -> dict[str, Any]:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(Told, "abilities", replace(Told.abilities, refreshes=True))
    monkeypatch.setattr(Told, "refresh", refresh, raising=False)


def look_after(connection: Connection) -> Connection:
    for pk in renewal.due(limit=10):
        renewal.maintain_connection(connection_id=pk)
    connection.refresh_from_db()
    return connection


def test_each_is_asked_once_a_day(connection: Connection, clock: time_machine.Traveller) -> None:
    assert look_after(connection).status == "healthy"
    assert connection.expires_at is not None
    assert renewal.due(limit=10) == []

    clock.shift(timedelta(days=1, minutes=1))
    assert renewal.due(limit=10) == [connection.pk]


def test_its_end_is_warned_of_three_times(
    connection: Connection, warned: list[int], clock: time_machine.Traveller
) -> None:
    for _ in range(62):
        look_after(connection)
        clock.shift(timedelta(days=1, minutes=1))

    assert len(warned) == 3
    assert all(days <= step for days, step in zip(warned, renewal.WARN_DAYS, strict=True))


def test_a_new_sign_in_starts_the_warnings_anew(
    connection: Connection, warned: list[int], monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller
) -> None:
    ends_in(monkeypatch, days=5)
    look_after(connection)
    ends_in(monkeypatch, days=60)
    clock.shift(timedelta(days=2))
    look_after(connection)
    ends_in(monkeypatch, days=5)
    clock.shift(timedelta(days=2))
    look_after(connection)

    assert len(warned) == 2


def test_what_can_be_renewed_is_renewed_before_it_ends(
    connection: Connection, warned: list[int], monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller
) -> None:
    renews(monkeypatch, {"token": "new"})
    monkeypatch.setattr(Told, "Secrets", WithToken)
    ends_in(monkeypatch, days=9)
    look_after(connection)
    clock.shift(timedelta(days=1, minutes=1))
    ends_in(monkeypatch, days=60)
    look_after(connection)

    assert json.loads(connection.secrets or "") == {"token": "new"}


def test_the_end_of_the_sign_in_before_is_not_warned_of_once_it_is_renewed(
    connection: Connection, warned: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: Any, **__: Any) -> Health:
        raise CannotRead("No answer.")

    renews(monkeypatch, {"token": "new"})
    monkeypatch.setattr(Told, "Secrets", WithToken)
    monkeypatch.setattr(Told, "check", silent)
    Connection.objects.update(expires_at=timezone.now() + timedelta(days=3))
    look_after(connection)

    assert json.loads(connection.secrets or "") == {"token": "new"}
    assert warned == []


@pytest.mark.parametrize(
    "answer", [NotSent("Not now."), OutcomeUnknown("Lost."), {"secret-value": "?"}], ids=["no", "lost", "bad"]
)
def test_the_present_sign_in_stays_until_a_new_one_is_stored(
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
    answer: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Connection.objects.filter(pk=connection.pk).update(expires_at=timezone.now() + timedelta(days=3))
    monkeypatch.setattr(Told, "Secrets", WithToken)
    connection.refresh_from_db()
    connection.secrets = json.dumps({"token": "present"})
    connection.save(update_fields=["secrets"])
    renews(monkeypatch, answer)

    look_after(connection)

    assert json.loads(connection.secrets or "") == {"token": "present"}
    assert "secret-value" not in capsys.readouterr().out


def test_a_sign_in_that_ended_holds_publications_and_a_new_one_lets_them_go(
    connection: Connection, due: Publication, monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller
) -> None:
    ended = Health(ok=False, account="", message="There is no category “Jobs” any more. Choose another one.")
    monkeypatch.setattr(Told, "check", lambda *_, **__: ended)
    look_after(connection)
    assert send(due) == "held"
    assert due.reason_code == "needs_sign_in"
    assert due.reason.endswith(ended.message)

    connections.connect_channel(channel=due.channel, kind="told", settings={}, secrets={})
    due.refresh_from_db()
    assert due.state == "scheduled"


def test_what_a_channel_knows_of_itself_replaces_what_was_stored(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    Connection.objects.update(settings={"characters": 500, "language": "cy"})
    told = Health(ok=True, account="told", message="", settings={"characters": 1000})
    monkeypatch.setattr(Told, "check", lambda *_, **__: told)

    assert look_after(connection).settings == {"characters": 1000, "language": "cy"}


def test_a_channel_that_does_not_answer_keeps_its_status(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_after(connection)

    def silent(*_: Any, **__: Any) -> Health:
        raise CannotRead("No answer.")

    monkeypatch.setattr(Told, "check", silent)
    Connection.objects.update(next_check_at=timezone.now())

    assert look_after(connection).status == "healthy"
    assert connection.message == "No answer."


def test_a_channel_that_does_not_answer_keeps_what_a_person_is_to_mend(
    connection: Connection, due: Publication, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.answers.append(NotSent("The workflow is gone.", code="needs_sign_in", permanent=True))
    send(due)

    def silent(*_: Any, **__: Any) -> Health:
        raise CannotRead("Nothing can be asked.")

    monkeypatch.setattr(Told, "check", silent)
    connection.refresh_from_db()
    assert connections.check_connection(connection=connection).message == "Nothing can be asked."
    connection.refresh_from_db()
    assert (connection.status, connection.message) == ("needs_sign_in", "The workflow is gone.")
    due.refresh_from_db()
    assert due.state == "held"
