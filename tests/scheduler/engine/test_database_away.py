"""The database goes away while a worker has something in hand: nothing is decided, and what is known is kept."""

from __future__ import annotations

import pytest
from django import db

from campaigns.planning.models import Publication
from scheduler.channels.contract import OutcomeUnknown
from scheduler.engine import reconcile, sending, tasks
from tests.scheduler.conftest import Remote, claim_one, send

GONE = [
    db.OperationalError("server closed the connection unexpectedly"),
    db.InterfaceError("the cursor is closed"),
    db.connection.Database.OperationalError("the connection is lost"),
]
"""What Django raises, what it does not count as a DatabaseError, and what the driver says past it."""


def state_of(publication: Publication) -> str:
    publication.refresh_from_db()
    return str(publication.state)


@pytest.fixture(autouse=True)
def kept_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test's own transaction stands on it."""
    monkeypatch.setattr(db.connection, "close", lambda: None)


def fail_with(error: Exception) -> object:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


@pytest.mark.parametrize("error", GONE)
def test_while_composing_it_stays_claimed(
    due: Publication, remote: Remote, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = claim_one(due)
    monkeypatch.setattr(sending, "link_of", fail_with(error))

    tasks.send.call_local(claim.publication_id, claim.fence)

    assert state_of(due) == "scheduled"
    assert remote.sends == []


@pytest.mark.parametrize("error", GONE)
def test_while_looking_it_stays_unknown_and_asks_nobody(
    due: Publication, remote: Remote, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.answers.append(OutcomeUnknown("It did not answer."))
    assert send(due) == "unknown"
    monkeypatch.setattr(reconcile, "link_of", fail_with(error))

    tasks.read_back.call_local(due.pk)

    assert state_of(due) == "unknown"
    assert not due.needs_person


@pytest.mark.parametrize("error", GONE)
def test_while_recording_the_outcome_is_kept_until_it_can_be_written(
    due: Publication, remote: Remote, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "RECORD_AGAIN", 0.0)
    record, errors = sending.record, [error, error]

    def record_in_the_end(*given: object) -> str:
        if errors:
            raise errors.pop()
        return record(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(sending, "record", record_in_the_end)

    assert send(due) == "sent"
    assert len(remote.sends) == 1


def test_an_outcome_is_kept_for_a_while_only(due: Publication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "RECORD_FOR", 0.0)
    monkeypatch.setattr(sending, "record", fail_with(GONE[0]))
    claim = claim_one(due)

    tasks.send.call_local(claim.publication_id, claim.fence)

    assert state_of(due) == "sending"
