"""Channels in the console: how each stands, what it takes, its times, and letting it go."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import User
from campaigns.planning.models import Channel, Organisation
from campaigns.planning.services import channels as channels_services
from campaigns.planning.services.timing import slots
from scheduler.channels.contract import Health
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from tests import factories
from tests.adapter import Told
from tests.console.speaking import Console
from tests.factories import publishing
from tests.scheduler.channels.test_mastodon import RemoteMastodon
from tests.servers.mastodon import TOKEN

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("remote")]
MASTODON: dict[str, Any] = {
    "kind": "mastodon",
    "settings": {"instance": "http://127.0.0.1:9"},
    "secrets": {"access_token": "open sesame"},
}


def connected(name: str = "Mastodon", category: str = "social", found: Health | None = None) -> Channel:
    """With `found` the channel was asked, and this was its far side's answer; otherwise nothing was ever called."""
    row = factories.channel(name=name, category=category)
    if found is None:
        connections.connect_channel(channel=row, **MASTODON)
    else:
        Told.remote.health = found
        connection = connections.connect_channel(channel=row, kind=Told.kind, settings={}, secrets={})
        connections.check_connection(connection=connection)
    return Channel.objects.get(pk=row.pk)


def at_mastodon() -> tuple[Channel, RemoteMastodon]:
    """Connected to a server that is there, asked, and found well."""
    row, server = factories.channel(name="Mastodon", category="social"), RemoteMastodon()
    connection = connections.connect_channel(
        channel=row, kind="mastodon", settings={"instance": server.address}, secrets={"access_token": TOKEN}
    )
    connections.check_connection(connection=connection)
    return Channel.objects.get(pk=row.pk), server


def healthy(*, ends_in: timedelta | None = None) -> Channel:
    ends_at = None if ends_in is None else timezone.now() + ends_in
    return connected(found=Health(ok=True, account="@riverside", message="", expires_at=ends_at))


def resting() -> Channel:
    row = healthy()
    Connection.objects.filter(channel=row).update(paused_until=timezone.now() + timedelta(minutes=5))
    return row


def of_a_kind_that_is_gone() -> Channel:
    row = healthy()
    Connection.objects.filter(channel=row).update(kind="workplace")
    return row


@pytest.mark.parametrize(
    ("connect", "words"),
    [
        (healthy, "Working"),
        (connected, "Not checked yet"),
        (lambda: connected(found=Health(ok=False, account="", message="")), "Sign in again"),
        (lambda: healthy(ends_in=timedelta(days=6, hours=2)), "Access expires in 6 days"),
        (lambda: healthy(ends_in=timedelta(days=1, hours=2)), "Access expires in 1 day"),
        (lambda: healthy(ends_in=timedelta(hours=2)), "Access expires today"),
        (lambda: healthy(ends_in=timedelta(hours=-2)), "Access has expired"),
        (lambda: healthy(ends_in=timedelta(days=40)), "Working"),
        (resting, "Waiting until 09:05"),
        (of_a_kind_that_is_gone, "Promenade no longer supports this service"),
    ],
)
def test_state_of_a_connection_is_said_in_words(
    clock: time_machine.Traveller, manager: User, connect: Callable[[], Channel], words: str
) -> None:
    row = connect()

    assert words in Console(manager).see("/channels")
    assert words in Console(manager).see(f"/channels/{row.pk}")


def test_list_is_by_category_and_counts_what_waits(manager: User) -> None:
    stall = factories.channel(name="Careers stall", category="event")
    factories.publication(on=stall)
    factories.publication(on=stall)
    poster = factories.channel(name="Poster", category="print")
    channels_services.change_channel(channel=poster, changes={"active": False})

    text = Console(manager).see("/channels")

    assert "Not connected: you publish here yourself" in text
    assert "2 scheduled" in text
    assert text.index("Careers stall") < text.index("No longer used") < text.index("Poster")
    assert "Add a channel" not in text


def test_share_kit_is_said_to_be_posted_by_hand(manager: User) -> None:
    row = factories.channel(name="WhatsApp", category="staff_tool")
    connections.connect_channel(channel=row, kind="share-kit", settings={}, secrets={})

    assert "You post here yourself, with everything ready" in Console(manager).see("/channels")


def test_channel_is_added_and_changed(comms: User) -> None:
    speaks = Console(comms)

    status, said = speaks.send("/channels/new", name="Careers stall", category="event", audience="public")

    row = Channel.objects.get(name="Careers stall")
    assert (status, row.category, row.active) == (302, "event", True)
    assert "Careers stall was added" in said
    seen = _seen(speaks.see(f"/channels/{row.pk}/change"))
    speaks.send(f"/channels/{row.pk}/change", name="Stall", category="event", audience="public", seen=seen)
    row.refresh_from_db()
    assert (row.name, row.active) == ("Stall", False)


def _seen(page: str) -> str:
    return page.split('name="seen" value="')[1].split('"')[0]


def test_bad_input_is_named_and_kept(comms: User) -> None:
    status, text = Console(comms).send("/channels/new", name="Careers stall", category="moon", audience="public")

    assert status == 200
    assert "There is a problem" in text
    assert 'value="Careers stall"' in text
    assert not Channel.objects.exists()


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(comms: User) -> None:
    row = factories.channel(name="Stall")
    seen = _seen(Console(comms).see(f"/channels/{row.pk}/change"))
    channels_services.change_channel(channel=row, changes={"name": "Stall by the sea"})

    _, text = Console(comms).send(
        f"/channels/{row.pk}/change", name="My stall", category="event", audience="public", active="on", seen=seen
    )

    row.refresh_from_db()
    assert row.name == "Stall by the sea"
    assert "Someone changed this while you had it open" in text
    assert "My stall" in text


def test_page_says_who_we_are_what_it_takes_and_when_it_keeps_still(comms: User, manager: User) -> None:
    row, server = at_mastodon()
    Console(comms).send(f"/channels/{row.pk}/slots", weekday="TU", time="12:30")
    Console(comms).send(
        f"/channels/{row.pk}/quiet?kind=quiet", weekdays=["FR", "SA"], from_time="21:00", to_time="08:00"
    )
    server.go_wrong("refused")
    publishing.go_out(publishing.post(on=row))
    Connection.objects.update(failures=2)

    text = Console(comms).see(f"/channels/{row.pk}")

    assert "@testuser" in text
    assert "Up to 4 pictures." in text
    assert "The last 2 attempts got no reply we could use" in text
    assert "Tuesday 12:30" in text
    assert "Friday, Saturday, 21:00 to 08:00 the next day" in text
    assert "Text is too odd" in text
    assert "London time" not in text
    assert "Preferences → Development" in text
    assert TOKEN not in text
    read_only = Console(manager).see(f"/channels/{row.pk}")
    assert "@testuser" not in read_only
    assert "Disconnect" not in read_only


def test_reader_on_another_clock_reads_on_which_hours_and_slots_are(comms: User) -> None:
    row = connected()
    Console(comms).send(f"/channels/{row.pk}/slots", weekday="TU", time="12:30")
    Console(comms).send(f"/channels/{row.pk}/quiet?kind=quiet", weekdays=["FR"], from_time="21:00", to_time="08:00")
    post = factories.publication(on=row)
    User.objects.filter(pk=comms.pk).update(zone="Europe/Madrid")
    speaks = Console(comms)

    for path in (f"/channels/{row.pk}", f"/channels/{row.pk}/quiet"):
        assert 'Friday, 21:00 to 08:00 the next day <span class="quiet">UK time' in speaks.see(path)
    for path in (f"/channels/{row.pk}", f"/channels/{row.pk}/slots"):
        assert 'Tuesday 12:30 <span class="quiet">UK time' in speaks.see(path)
    assert "scheduled in UK time" in speaks.see(f"/publications/{post.pk}")


def test_check_asks_the_channel(comms: User) -> None:
    row = factories.channel(category="blog")
    connections.connect_channel(channel=row, kind="blog", settings={}, secrets={})

    status, said = Console(comms).send(f"/channels/{row.pk}/check")

    assert (status, said) == (302, "Working. Part of this installation.")


def test_channel_that_does_not_answer_says_so_and_stays_as_it_was(comms: User) -> None:
    row, server = at_mastodon()
    server.rule("GET", "/api/v1/accounts/verify_credentials", status=500, body={})

    _, said = Console(comms).send(f"/channels/{row.pk}/check")

    assert said == "Mastodon did not give a reply we could use. Try again later."
    assert Connection.objects.get(channel=row).status == "healthy"


@pytest.mark.parametrize(("role", "may"), [("admin", True), ("comms", False)])
def test_disconnecting_asks_first_and_says_what_becomes_of_what_waits(role: str, may: bool) -> None:
    row = connected()
    factories.publication(on=row)
    speaks = Console(factories.person(role))

    if not may:
        speaks.see(f"/channels/{row.pk}/disconnect", status=403)
        assert speaks.send(f"/channels/{row.pk}/disconnect")[0] == 403
        assert Connection.objects.exists()
        return
    assert "1 scheduled post</strong> for this channel stays scheduled" in speaks.see(f"/channels/{row.pk}/disconnect")
    assert Connection.objects.exists()
    assert "has been disconnected" in speaks.send(f"/channels/{row.pk}/disconnect")[1]
    assert not Connection.objects.exists()


def test_slot_is_added_once_and_removed(comms: User) -> None:
    row = factories.channel()
    speaks = Console(comms)
    speaks.send(f"/channels/{row.pk}/slots", weekday="TU", time="12:30")

    _, again = speaks.send(f"/channels/{row.pk}/slots", weekday="TU", time="12:30")

    assert "The channel already has this slot." in again
    slot = row.slots.get()
    assert slot.zone == "Europe/London"
    speaks.send(f"/channels/{row.pk}/slots/{slot.pk}/remove")
    assert not row.slots.exists()


def test_slot_of_another_channel_stays(comms: User) -> None:
    mine, theirs = factories.channel(), factories.channel()
    slot = slots.add_slot(channel=theirs, weekday="MO", time=timezone.now().time(), zone="Europe/London")

    assert Console(comms).send(f"/channels/{mine.pk}/slots/{slot.pk}/remove")[0] == 404
    assert theirs.slots.exists()


def test_blackout_needs_a_reason_and_is_removed(comms: User) -> None:
    row = factories.channel()
    speaks = Console(comms)
    times = {"starts_at": "2030-04-01T00:00", "ends_at": "2030-05-06T00:00"}

    _, refused = speaks.send(f"/channels/{row.pk}/quiet?kind=blackout", **times, reason="")
    assert "There is a problem" in refused
    assert 'value="2030-04-01T00:00"' in refused
    speaks.send(f"/channels/{row.pk}/quiet?kind=blackout", **times, reason="The weeks before the election.")

    assert "The weeks before the election." in speaks.see(f"/channels/{row.pk}/quiet")
    speaks.send(f"/channels/{row.pk}/quiet/{row.quiet_periods.get().pk}/remove")
    assert not row.quiet_periods.exists()


def test_hours_that_would_silence_a_channel_for_ever_are_refused(comms: User) -> None:
    row = factories.channel()
    week = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
    Console(comms).send(f"/channels/{row.pk}/quiet", weekdays=week, from_time="00:00", to_time="12:00")

    _, text = Console(comms).send(f"/channels/{row.pk}/quiet", weekdays=week, from_time="12:00", to_time="00:00")

    assert "the channel would never publish again" in text
    assert row.quiet_periods.count() == 1


def test_price_cap_and_spending_are_told(clock: time_machine.Traveller, comms: User, manager: User) -> None:
    row = factories.channel(name="X", category="social")
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    connections.connect_channel(
        channel=row, kind="x", settings={}, secrets=dict.fromkeys(names, "t"), monthly_cap=20_000
    )
    factories.publication(of=factories.approved_blog_entry(), on=row, publish_at=factories.in_days(1))

    assert "$0.00 this month, of a cap of $20.00" in Console(comms).see(f"/channels/{row.pk}")
    assert "<dt>Scheduled</dt><dd>$0.015</dd>" in Console(comms).see(f"/channels/{row.pk}/spending")
    assert "What it costs" not in Console(manager).see(f"/channels/{row.pk}")


def test_pages_cost_few_queries(django_assert_max_num_queries: DjangoAssertNumQueries, admin: User) -> None:
    for _ in range(15):
        row = connected(name=f"Mastodon {timezone.now()}")
        factories.publication(on=row)
    Organisation.current()
    speaks = Console(admin)

    for path in ("/channels", f"/channels/{row.pk}", f"/channels/{row.pk}/slots", f"/channels/{row.pk}/quiet"):
        with django_assert_max_num_queries(12):
            speaks.see(path)
