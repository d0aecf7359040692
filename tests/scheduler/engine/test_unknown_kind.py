"""A stored connection of a kind that this installation does not have, as after a downgrade: nothing stumbles over it,
and what is planned for its channel is held with what to do."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from campaigns.planning.models import Channel, Publication
from campaigns.planning.services import content
from campaigns.planning.services.timing import pauses
from scheduler.channels import registry
from scheduler.channels.contract import OutcomeUnknown
from scheduler.connections import authorization, renewal
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.engine import dispatcher, reconcile, sending
from scheduler.errors import InvalidConnection, NotConnected
from scheduler.installation import restore_detection
from scheduler.installation.models import Installation
from scheduler.posts import drafts, spending, takedown
from tests import factories
from tests.scheduler.conftest import Remote, begin, claim_one, send


@pytest.fixture
def downgrade(monkeypatch: pytest.MonkeyPatch, remote: Remote) -> Callable[[], None]:
    """The version that knew this kind is gone."""
    return lambda: monkeypatch.delitem(registry.ADAPTERS, "told")


@pytest.fixture(autouse=True)
def file_outside(tmp_path: Any, settings: Any) -> None:
    settings.DATA_DIR = tmp_path
    settings.REDIS_URL = ""


@pytest.fixture
def turn(monkeypatch: pytest.MonkeyPatch, db: None) -> Callable[[], None]:
    """Whole turns of the dispatcher, whose tasks are done at once; whatever one of them raises fails the test."""
    tasks: dict[str, Callable[..., Any]] = {
        "read_back": lambda pk: reconcile.read_back(publication_id=pk),
        "take_down": lambda pk: takedown.take_down(publication_id=pk),
        "maintain_connection": lambda pk: renewal.maintain_connection(connection_id=pk),
        "send": lambda pk, fence: sending.send_publication(publication_id=pk, fence=fence, worker="test"),
    }
    for name, task in tasks.items():
        monkeypatch.setattr(dispatcher, name, task)
    for module in (dispatcher, reconcile, sending, takedown):
        monkeypatch.setattr(module.log, "exception", pytest.fail)
    monkeypatch.setattr(reconcile, "certainly_over", lambda: timedelta(0))
    one = dispatcher.Dispatcher(stop=threading.Event(), threads=4)
    monkeypatch.setattr(one.clock, "steady_for", lambda _: True)

    def run() -> None:
        one.done_at = [float("-inf")] * len(one.chores)
        one.turn()

    return run


def test_what_falls_due_is_held_with_what_to_do_and_goes_on_once_the_kind_is_back(
    due: Publication,
    channel: Channel,
    downgrade: Callable[[], None],
    turn: Callable[[], None],
    remote: Remote,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = registry.ADAPTERS["told"]
    downgrade()

    turn()

    due.refresh_from_db()
    assert (due.state, due.reason_code) == ("held", "not_connected")
    assert due.reason == (
        "Told is connected to “told”, which this version of Promenade does not support. Connect it to "
        "another service, or install the version that supported it."
    )
    monkeypatch.setitem(registry.ADAPTERS, "told", known)
    connections.check_connection(connection=channel.connection)
    due.refresh_from_db()
    assert send(due) == "sent"


def test_connecting_another_kind_lets_it_go(
    due: Publication, channel: Channel, downgrade: Callable[[], None], turn: Callable[[], None]
) -> None:
    downgrade()
    turn()

    connections.connect_channel(channel=channel, kind="blog", settings={}, secrets={})

    due.refresh_from_db()
    assert due.state == "scheduled"


def test_a_restore_leaves_what_fell_due_to_a_person_and_the_dispatcher_goes_on(
    due: Publication, downgrade: Callable[[], None], turn: Callable[[], None]
) -> None:
    elsewhere = factories.publication(of=factories.approved_blog_entry())
    for _ in range(3):
        restore_detection.increment()
    Installation.objects.update(number=1)
    downgrade()

    turn()

    due.refresh_from_db()
    assert (due.state, due.reason_code, due.needs_person) == ("unknown", "cannot_look", True)
    pauses.end_pause(pause=pauses.Pause.objects.get(), held=pauses.PauseEnding.RELEASE, by=None)
    Publication.objects.filter(pk=elsewhere.pk).update(due_at=timezone.now())
    turn()
    elsewhere.refresh_from_db()
    assert elsewhere.reason_code == "not_connected"  # it was claimed


def test_what_is_live_is_left_to_a_person_when_its_content_is_withdrawn(
    due: Publication, downgrade: Callable[[], None], turn: Callable[[], None]
) -> None:
    send(due)
    downgrade()

    content.withdraw_content(content=due.content, by=factories.person("comms"))
    turn()

    due.refresh_from_db()
    assert (due.state, due.reason_code, due.needs_person) == ("sent", "still_live", True)


def test_a_takedown_that_has_begun_is_left_to_a_person(
    due: Publication, downgrade: Callable[[], None], turn: Callable[[], None]
) -> None:
    send(due)
    content.withdraw_content(content=due.content, by=factories.person("comms"))
    downgrade()

    turn()

    due.refresh_from_db()
    assert (due.reason_code, due.needs_person) == ("still_live", True)
    assert "which this version of Promenade does not support" in due.reason


def test_an_unknown_outcome_is_looked_for_again_and_never_sent_again(
    due: Publication, downgrade: Callable[[], None], turn: Callable[[], None], remote: Remote
) -> None:
    remote.answers.append(OutcomeUnknown("No answer."))
    send(due)
    downgrade()

    turn()

    due.refresh_from_db()
    assert (due.state, due.reason_code) == ("unknown", "cannot_read")
    assert len(remote.sends) == 1


def test_a_worker_that_is_lost_while_it_sends_leaves_it_to_a_person(
    due: Publication, downgrade: Callable[[], None]
) -> None:
    attempt = begin(due, fence=claim_one(due).fence)
    assert attempt is not None
    downgrade()

    sending.record(attempt, OutcomeUnknown("No answer."))

    due.refresh_from_db()
    assert (due.state, due.needs_person) == ("unknown", True)


def test_its_sign_in_is_looked_at_and_left(channel: Channel, downgrade: Callable[[], None]) -> None:
    before = Connection.objects.values().get(channel=channel)
    downgrade()

    renewal.maintain_connection(connection_id=channel.connection.pk)

    assert Connection.objects.values().get(channel=channel) == before
    with pytest.raises(NotConnected, match="does not support"):
        connections.check_connection(connection=channel.connection)


def test_it_has_no_preview_and_costs_nothing(due: Publication, channel: Channel, downgrade: Callable[[], None]) -> None:
    downgrade()

    with pytest.raises(NotConnected, match="install the version that supported it"):
        drafts.preview(due)
    assert spending.of(channel.connection, timezone.now()).planned == 0


def test_a_sign_in_that_was_begun_before_is_refused(
    channel: Channel, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.SIGN_IN_APPS = {"linkedin": ("id", "secret")}
    by = factories.person("admin")
    address, _ = authorization.start(
        channel=channel, kind="linkedin", settings={"organization_id": "1"}, redirect_uri="https://us.example/", by=by
    )
    [state] = parse_qs(urlsplit(address).query)["state"]
    monkeypatch.delitem(registry.ADAPTERS, "linkedin")

    with pytest.raises(InvalidConnection, match="There is no adapter of this kind"):
        authorization.finish(state=state, answer={"code": "1"}, by=by)
