"""Who is told what, when, and how often."""

from __future__ import annotations

import re
import shutil
from collections import namedtuple
from collections.abc import Callable, Iterator
from datetime import time, timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from backend.notifications import attention, destinations, rounds
from backend.notifications.attention.item import concerns
from backend.notifications.causes import CAUSES, Cause, Timing
from backend.notifications.models import Destination, Message, Notice, Telling
from campaigns.hiring.services import add_candidate
from campaigns.planning.models import Publication
from campaigns.planning.services import content, publications
from scheduler.channels.contract import NotSent
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.engine.models import Worker
from scheduler.installation import restore_detection
from scheduler.installation.models import Installation
from scheduler.mail.queue import ChannelMailQueue
from scheduler.webhooks import deliveries, endpoints
from tests import factories
from tests.adapter import Remote
from tests.factories import publishing

pytestmark = pytest.mark.django_db
PassTime = Callable[..., list[Message]]
Usage = namedtuple("Usage", "total used free")


@pytest.fixture(autouse=True)
def outside(remote: Remote, tmp_path: Any, settings: Any) -> Remote:
    settings.DATA_DIR = tmp_path
    return remote


@pytest.fixture
def cast(db: None) -> dict[str, User]:
    return {role: factories.person(role) for role in ("comms", "approver", "hr", "reader", "admin")}


# One maker a cause: as the product and its people make it, and what is to be undone at the end.


def worker_silent() -> None:
    Worker.objects.update(seen_at=timezone.now() - timedelta(hours=1))


def publishing_late() -> None:
    publishing.fall_due(publishing.post(), minutes_ago=10)


def webhook_stopped() -> None:
    endpoint, _ = endpoints.add_endpoint(address="https://hooks.example.org/", event_types=["publication.sent"])
    delivery = endpoints.send_test(endpoint=endpoint)
    deliveries.record(delivery, deliveries.ReceiverResponse(deliveries.GONE, "It replied with status 410."))


def sign_in_ending() -> None:
    channel = publishing.connected()
    Connection.objects.filter(channel=channel).update(expires_at=timezone.now() + timedelta(days=6), warned_days=7)


def sign_in_ended() -> None:
    channel = publishing.connected()
    Connection.objects.filter(channel=channel).mark_signed_out("Sign in again.", timezone.now())


def mail_stopped() -> None:
    channel = publishing.connected()
    for _ in range(3):
        ChannelMailQueue(channel.pk).back_off(code="no_answer", reason="The mail server did not answer.")


def backup_old() -> None:
    Installation.objects.update_or_create(pk=1, defaults={"backed_up_at": timezone.now() - timedelta(days=5)})


def notifications_failing() -> None:
    Destination.objects.create(
        kind="teams", address="https://teams.example.org/1", failures=3, message="It did not answer."
    )


def disk_filling() -> Iterator[None]:
    with patch.object(shutil, "disk_usage", return_value=Usage(100 * 10**9, 98 * 10**9, 2 * 10**9)):
        yield


MAKERS: dict[Cause, Callable[[], Any]] = {
    Cause.REVIEW: lambda: factories.in_review(factories.blog_entry()),
    Cause.RETURNED: lambda: factories.returned(factories.blog_entry(by=factories.person("comms"))),
    Cause.UNSENT: lambda: publishing.post(draft=True, publish_at=timezone.now() + timedelta(hours=3)),
    Cause.POST_FAILED: publishing.failed,
    Cause.POST_UNKNOWN: lambda: publishing.unknown(readable=False),
    Cause.POST_HELD: publishing.held_late,
    Cause.POST_BY_HAND: publishing.held_for_hand,
    Cause.POST_HELD_BY_HAND: publishing.held,
    Cause.POST_STILL_LIVE: publishing.still_live,
    Cause.SIGN_IN_ENDED: sign_in_ended,
    Cause.SIGN_IN_ENDING: sign_in_ending,
    Cause.MAIL_STOPPED: mail_stopped,
    Cause.WEBHOOK_STOPPED: webhook_stopped,
    Cause.RESTORED: lambda: restore_detection.freeze("The data was copied."),
    Cause.WORKER_SILENT: worker_silent,
    Cause.PUBLISHING_LATE: publishing_late,
    Cause.DISK_FILLING: disk_filling,
    Cause.BACKUP_OLD: backup_old,
    Cause.NOTIFICATIONS_FAILING: notifications_failing,
}


def test_every_cause_has_a_maker_here_and_somebody_whom_it_concerns(cast: dict[str, User]) -> None:
    assert set(MAKERS) == set(CAUSES) == set(Cause)


@pytest.mark.parametrize("cause", Cause)
def test_a_cause_is_told_to_those_concerned_and_leads_to_their_page(
    cause: Cause, cast: dict[str, User], clock: time_machine.Traveller, worker: Callable[[], None]
) -> None:
    made = MAKERS[cause]()
    undo = iter(made) if isinstance(made, Iterator) else iter(())
    next(undo, None)
    now = timezone.now()
    (item,) = [item for item in attention.open_items(now) if item.cause == cause]
    concerned = {role for role, user in cast.items() if concerns(user, item)}
    assert concerned, f"nobody is told of {cause}"
    for user in cast.values():
        destinations.change_destination(
            destination=destinations.own_email(user), changes={"timings": {cause.value: Timing.AT_ONCE.value}}
        )

    rounds.run(now)
    clock.shift(rounds.GATHER)
    if cause != Cause.WORKER_SILENT:
        worker()
    rounds.run(timezone.now())

    told = {row.destination.person.role for row in Message.objects.all() if item.title in str(row.body)}
    assert told == concerned
    for role in concerned:
        client = Client()
        client.force_login(cast[role])
        assert client.get(item.address).status_code == 200
    next(undo, None)


def test_nothing_of_a_candidate_stands_in_a_message(cast: dict[str, User], pass_time: PassTime) -> None:
    vacancy = factories.approved_vacancy()
    add_candidate(reference="R-77", name="Priya Example", email="priya@example.org", vacancy=vacancy, by=cast["hr"])
    for maker in (publishing.failed, publishing.held_late):
        maker()
    text = str([(row.subject, row.body) for row in pass_time(hours=24)])
    assert "failed" in text
    assert not re.search("R-77|Priya|priya@", text)


def test_a_cause_is_told_once(cast: dict[str, User], pass_time: PassTime) -> None:
    publishing.failed()
    first = pass_time(minutes=30)
    assert {row.destination.person.role for row in first} == {"comms", "approver", "admin"}
    assert len(first) == 3
    assert pass_time(days=3) == []


def test_a_hundred_failures_of_one_cause_make_one_message(cast: dict[str, User], pass_time: PassTime) -> None:
    channel = publishing.connected()
    written: list[Message] = []
    for _ in range(10):
        for _ in range(10):
            publishing.failed(publishing.post(on=channel))
        written += pass_time(minutes=2)
    assert len([row for row in written if row.destination.person == cast["comms"]]) == 1
    assert [item.number for item in attention.open_items(timezone.now())] == [100]


def test_what_comes_up_together_goes_into_one_message(cast: dict[str, User], pass_time: PassTime) -> None:
    for _ in range(3):
        publishing.failed()
    factories.in_review(factories.blog_entry())
    written = pass_time(minutes=30)
    (to_approver,) = [row for row in written if row.destination.person == cast["approver"]]
    assert to_approver.subject == "4 things need attention, 3 of them now"
    assert len(to_approver.body) == 4


def test_a_later_day_adds_to_what_stands_and_is_told(cast: dict[str, User], pass_time: PassTime) -> None:
    channel = publishing.connected()
    publishing.failed(publishing.post(on=channel))
    assert len(pass_time(minutes=30)) == 3
    pass_time(days=1)
    publishing.failed(publishing.post(on=channel))
    assert len(pass_time(minutes=30)) == 3


def test_what_is_over_before_it_is_told_is_not_told(cast: dict[str, User], pass_time: PassTime) -> None:
    row = publishing.failed()
    rounds.run(timezone.now())
    publications.cancel_publication(publication=row, by=cast["comms"], reason="No longer.")
    assert pass_time(hours=2) == []
    assert not Notice.objects.exists()


def test_what_comes_and_goes_is_told_again_after_an_hour(
    cast: dict[str, User], pass_time: PassTime, clock: time_machine.Traveller
) -> None:
    channel = publishing.connected()
    row = Connection.objects.get(channel=channel)

    def flap() -> None:
        Connection.objects.filter(pk=row.pk).mark_signed_out("Sign in again.", timezone.now())

    flap()
    assert len(pass_time(minutes=2)) == 3
    written = 0
    for _ in range(10):
        connections.check_connection(connection=row)
        written += len(pass_time(minutes=1))
        flap()
        written += len(pass_time(minutes=1))
    assert written == 0
    assert len(pass_time(hours=1)) == 3


def test_a_sign_in_that_ends_is_told_again_only_when_its_day_is_nearer(
    cast: dict[str, User], pass_time: PassTime
) -> None:
    for user in cast.values():
        own = destinations.own_email(user)
        destinations.change_destination(destination=own, changes={"timings": {"sign_in_ending": "at_once"}})
    sign_in_ending()
    assert len(pass_time(minutes=30)) == 3
    assert pass_time(minutes=30) == []
    Connection.objects.update(warned_days=1)
    assert len(pass_time(minutes=30)) == 3


def test_own_edits_are_not_told_to_their_author(cast: dict[str, User], pass_time: PassTime) -> None:
    approver = cast["approver"]
    content.submit_content(content=factories.blog_entry(by=approver).base, by=approver)
    assert {row.destination.person.role for row in pass_time(minutes=30)} == {"admin"}


def test_quiet_hours_are_kept_on_the_persons_own_clock(
    cast: dict[str, User], pass_time: PassTime, clock: time_machine.Traveller
) -> None:
    User.objects.filter(pk=cast["comms"].pk).update(zone="Asia/Tokyo")
    clock.move_to(timezone.now().replace(hour=12))  # 21:00 in Tokyo, 12:00 in London
    publishing.failed()
    assert {row.destination.person.role for row in pass_time(hours=2)} == {"approver", "admin"}
    night = pass_time(hours=7)  # until 21:00 in London, which is 06:00 in Tokyo
    assert night == []
    (morning,) = pass_time(hours=2)
    assert morning.destination.person == cast["comms"]


def test_weekends_can_be_quiet(cast: dict[str, User], pass_time: PassTime, clock: time_machine.Traveller) -> None:
    own = destinations.own_email(cast["comms"])
    destinations.change_destination(destination=own, changes={"quiet_weekends": True})
    clock.shift(timedelta(days=5))  # a Saturday
    publishing.failed()
    assert cast["comms"] not in [row.destination.person for row in pass_time(hours=30)]
    assert cast["comms"] in [row.destination.person for row in pass_time(hours=24)]


def test_the_rest_comes_once_a_day(cast: dict[str, User], pass_time: PassTime) -> None:
    publishing.held(publishing.post(publish_at=timezone.now() + timedelta(days=30)))
    pass_time(hours=1)
    (summary, *others) = [row for row in Message.objects.all() if row.destination.person == cast["comms"]]
    assert others == []
    assert summary.subject == "Your daily summary: 1 thing needs attention"
    assert pass_time(days=2) == [], "nothing new: no summary"
    publishing.held(publishing.post(publish_at=timezone.now() + timedelta(days=30)))
    (second,) = [row for row in pass_time(days=1) if row.destination.person == cast["comms"]]
    assert second.subject == "Your daily summary: 2 things need attention"


def test_never_is_never(cast: dict[str, User], pass_time: PassTime) -> None:
    own = destinations.own_email(cast["comms"])
    destinations.change_destination(destination=own, changes={"timings": {"post_failed": "never"}})
    publishing.failed()
    assert cast["comms"] not in [row.destination.person for row in pass_time(days=2)]


def test_whoever_left_is_told_nothing(cast: dict[str, User], pass_time: PassTime) -> None:
    destinations.own_email(cast["comms"])
    User.objects.filter(pk=cast["comms"].pk).update(is_active=False)
    publishing.failed()
    assert cast["comms"] not in [row.destination.person for row in pass_time(hours=2)]


def test_two_workers_tell_once(cast: dict[str, User], clock: time_machine.Traveller) -> None:
    publishing.failed()
    now = timezone.now()
    rounds.run_if_due(now)
    assert rounds.run_if_due(now) == 0
    later = now + rounds.GATHER
    assert rounds.run_if_due(later) == 3
    assert rounds.run_if_due(later) == 0
    assert rounds.run(later) == 0


def test_old_messages_and_tellings_go(
    cast: dict[str, User], pass_time: PassTime, clock: time_machine.Traveller
) -> None:
    row = publishing.failed()
    pass_time(minutes=5)
    clock.shift(timedelta(days=100))
    rounds.forget_old()
    assert not Message.objects.exists()
    assert Telling.objects.exists(), "what still stands is remembered"
    publications.cancel_publication(publication=row, by=cast["comms"], reason="No longer.")
    rounds.run(timezone.now())
    rounds.forget_old()
    assert not Telling.objects.exists()


def test_a_round_costs_few_queries_however_much_is_published(
    cast: dict[str, User], pass_time: PassTime, django_assert_max_num_queries: Any
) -> None:
    for _ in range(5):
        publishing.sent()
        publishing.failed()
    pass_time(minutes=5)
    with django_assert_max_num_queries(45):
        rounds.run(timezone.now())
    assert Publication.objects.count() == 10


def test_a_shared_one_is_told_of_everything_but_what_is_one_persons(cast: dict[str, User], pass_time: PassTime) -> None:
    shared = destinations.add_destination(
        by=cast["admin"], kind="email", shared=True, name="Communications", address="comms@riverside.example.org"
    )
    publishing.failed()
    factories.returned(factories.blog_entry(by=cast["comms"]))
    (message,) = [row for row in pass_time(minutes=30) if row.destination == shared]
    assert "returned" not in str(message.body)
    assert time(20) == shared.quiet_from


def test_a_failing_send_is_told_by_its_reason(cast: dict[str, User], outside: Remote, pass_time: PassTime) -> None:
    row = publishing.go_out(publishing.post(title="Open day"), NotSent("No.", permanent=True))
    (message, *_) = pass_time(minutes=5)
    (line,) = message.body
    assert line["title"] == f"A post failed: 1 post on {row.channel.name}"
    assert line["reason"].endswith("The channel refused it.")
    assert message.subject == f"A post failed: 1 post on {row.channel.name}"
