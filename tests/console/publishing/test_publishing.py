"""Publishing in the console: what needs attention and what to do, several at once, and holding everything."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import User
from campaigns.planning.models import Organisation, Pause, Publication
from campaigns.planning.services.timing import pauses
from tests import factories
from tests.adapter import Told
from tests.console.speaking import Console
from tests.factories import publishing
from tests.factories.publishing import connected, post

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("remote")]


def main_of(page: str) -> str:
    return page.split('<main id="main"')[1]


def test_unknown_outcome_says_what_happens_what_to_do_and_when_we_look_again(
    clock: time_machine.Traveller, comms: User
) -> None:
    Told.abilities = replace(Told.abilities, settling=240.0)
    publishing.unknown(post(on=connected(name="X")), why="It timed out.")

    text = main_of(Console(comms).see("/publishing?tab=sending"))

    assert "X did not reply. It may be live. It timed out." in text
    assert "We are checking, and will not send it again until we know. Next check <time" in text
    assert "today 09:04" in text
    assert "It is there: mark as published" in text
    assert "It is not there: send it again" in text


def test_unknown_outcome_that_nobody_can_look_up_asks_the_person(comms: User) -> None:
    publishing.unknown(post(on=connected(name="Teams")), readable=False)

    assert "Check Teams, then say whether it is there." in Console(comms).see("/publishing")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (publishing.failed, "It is not live. The channel refused the text."),
        (publishing.held_late, "Release it if it is still relevant"),
        (publishing.held_signed_out, "once the channel works again"),
        (publishing.still_live, "Take it down on"),
    ],
)
def test_what_needs_a_person_says_why(comms: User, make: Callable[[], Publication], words: str) -> None:
    make()

    text = main_of(Console(comms).see("/publishing"))

    assert "1 post needs your attention." in text
    assert words in text


def test_what_a_pause_holds_or_the_engine_looks_for_needs_nobody(comms: User) -> None:
    publishing.held_paused()
    publishing.unknown()

    text = main_of(Console(comms).see("/publishing"))

    assert "Nothing needs your attention." in text
    assert "On hold (1)" in text
    assert "In progress (1)" in text
    assert "It will wait until the hold ends." in Console(comms).see("/publishing?tab=held")


def test_tabs_show_what_is_next_under_way_and_gone(comms: User) -> None:
    post(title="Tomorrow's news")
    publishing.sending_now(post(title="Going now"))
    publishing.sent(post(title="Gone"))
    speaks = Console(comms)

    for tab, title in (("next", "Tomorrow's news"), ("sending", "Going now"), ("sent", "Gone")):
        text = main_of(speaks.see(f"/publishing?tab={tab}"))
        assert re.findall(r'class="title"[^>]*>([^<]+)', text) == [title]


def test_one_channel_alone_is_shown(comms: User) -> None:
    one = connected(name="Mastodon")
    publishing.failed(post(on=one, title="Of Mastodon"))
    publishing.failed(post(title="Of another"))

    text = main_of(Console(comms).see(f"/publishing?channel={one.pk}"))

    assert "Of Mastodon" in text
    assert "Of another" not in text


def test_numbers_on_the_tabs_are_of_the_channel_alone(comms: User) -> None:
    one = connected(name="Mastodon")
    publishing.held_late(post(on=one))
    publishing.held_late()
    speaks = Console(comms)

    assert "On hold (2)" in main_of(speaks.see("/publishing"))
    assert "On hold (1)" in main_of(speaks.see(f"/publishing?channel={one.pk}"))


def test_as_many_wait_as_a_channels_page_says(comms: User) -> None:
    row = connected(name="Mastodon")
    for make in (publishing.scheduled, publishing.held_late, publishing.sent):
        make(post(on=row))
    speaks = Console(comms)

    for page in ("/channels", f"/channels/{row.pk}"):
        told = re.search(r'href="/console(/publishing[^"]*)">(\d+) (?:waiting|scheduled)', speaks.see(page))
        assert told is not None
        assert (main_of(speaks.see(told[1])).count('class="title"'), told[2]) == (2, "2")


@pytest.mark.parametrize("query", ["tab=moon", "what=moon", "channel=moon", "channel=" + "9" * 30, "after=moon"])
def test_address_that_makes_no_sense_shows_the_page(comms: User, query: str) -> None:
    assert "<h1>Publishing</h1>" in Console(comms).see(f"/publishing?{query}")


def test_long_list_goes_on_page_by_page(comms: User) -> None:
    channel = connected()
    for number in range(32):
        publishing.failed(post(on=channel, title=f"News {number:02}"))
    speaks = Console(comms)

    first = main_of(speaks.see("/publishing"))
    assert first.count('class="title"') == 10
    assert "All 32" in first
    whole = main_of(speaks.see("/publishing?what=failed"))
    onward = re.search(r'href="\?([^"]*after=[^"]*)" rel="next"', whole)
    assert whole.count('class="title"') == 30
    assert onward is not None
    assert main_of(speaks.see(f"/publishing?{onward[1]}")).count('class="title"') == 2


def test_reader_sees_all_and_may_do_nothing(manager: User) -> None:
    row = publishing.failed(why="X refused the text.")
    speaks = Console(manager)

    text = main_of(speaks.see("/publishing"))

    assert "X refused the text." in text
    assert "<button" not in text
    assert speaks.send(f"/publications/{row.pk}/retry")[0] == 403
    assert speaks.send("/publishing/hold", reason="No.")[0] == 403
    assert not Pause.objects.exists()


def test_all_that_one_channel_holds_for_one_reason_is_released(comms: User) -> None:
    channel = connected(name="Mastodon")
    late = [publishing.held_late(post(on=channel)) for _ in range(3)]
    other = publishing.held(post(on=channel))
    speaks = Console(comms)

    assert 'It is too late</td><td class="number">3' in main_of(speaks.see("/publishing?tab=held"))
    _, said = speaks.send("/publishing/held/release", channel=channel.pk, reason_code="late")

    assert said == "3 posts were released."
    assert set(Publication.objects.filter(pk__in=[row.pk for row in late]).values_list("state", flat=True)) == {
        "scheduled"
    }
    other.refresh_from_db()
    assert other.state == "held"


def test_all_that_one_channel_holds_for_one_reason_is_cancelled(comms: User) -> None:
    channel = connected()
    row, elsewhere = publishing.held_late(post(on=channel)), publishing.held_late()

    _, said = Console(comms).send("/publishing/held/cancel", channel=channel.pk, reason_code="late")

    assert said == "1 post was cancelled."
    assert [Publication.objects.get(pk=each.pk).state for each in (row, elsewhere)] == ["cancelled", "held"]


@pytest.mark.parametrize("form", [{"reason_code": "late\x00"}, {"reason_code": "late", "channel": "moon"}])
def test_what_makes_no_sense_moves_nothing(comms: User, form: dict[str, str]) -> None:
    row = publishing.held_late()
    for action in ("release", "cancel"):
        _, said = Console(comms).send(f"/publishing/held/{action}", **{"channel": row.channel_id} | form)
        assert said == "Choose a channel and a reason. Nothing was changed."
    row.refresh_from_db()
    assert row.state == "held"


def test_what_would_be_held_again_at_once_is_not_offered_for_release(comms: User) -> None:
    publishing.held_unconnected()

    text = main_of(Console(comms).see("/publishing?tab=held"))

    assert "Cancel all" in text
    assert "Release all" not in text


def test_everything_is_held_with_a_reason(comms: User) -> None:
    speaks = Console(comms)

    status, text = speaks.send("/publishing/hold", reason="")
    assert (status, "There is a problem" in text) == (200, True)
    _, said = speaks.send("/publishing/hold", reason="A colleague has died.")

    pause = Pause.objects.get()
    assert (pause.scope, pause.started_by) == ("everything", comms)
    assert said == "On hold: everything. Posts being sent right now are not stopped."
    page = main_of(speaks.see("/publishing"))
    assert f"by {comms.name}. A colleague has died." in page


@pytest.mark.parametrize("kind", ["channel", "campaign"])
def test_only_a_part_is_held(comms: User, kind: str) -> None:
    row = factories.channel(name="Mastodon") if kind == "channel" else factories.campaign(name="Nurses")

    Console(comms).send("/publishing/hold?part", reason="Wait.", only=f"{kind}:{row.pk}")

    assert getattr(Pause.objects.get(), kind) == row


def test_a_part_that_is_not_there_holds_nothing(comms: User) -> None:
    assert Console(comms).send("/publishing/hold?part", reason="Wait.", only="channel:999")[0] == 200
    assert not Pause.objects.exists()


@pytest.mark.parametrize(("held", "state"), [("release", "scheduled"), ("cancel", "cancelled"), ("keep", "held")])
def test_hold_ends_with_what_the_person_says(comms: User, held: str, state: str) -> None:
    channel = connected(name="Mastodon")
    pause = pauses.start_pause(reason="Wait.", channel=channel, by=comms)
    row = publishing.held_paused(post(on=channel))
    publishing.held_paused()
    speaks = Console(comms)
    assert "1 post became due and is" in speaks.see(f"/publishing?channel={channel.pk}")

    status, said = speaks.send(f"/publishing/pauses/{pause.pk}/end", held=held)

    row.refresh_from_db()
    assert (status, row.state) == (302, state)
    assert "The hold has ended: everything on Mastodon." in said
    assert "This hold has already ended." in speaks.send(f"/publishing/pauses/{pause.pk}/end", held=held)[1]


def test_hold_does_not_end_without_a_decision(comms: User) -> None:
    pause = pauses.start_pause(reason="Wait.", by=comms)

    assert "Nothing was changed" in Console(comms).send(f"/publishing/pauses/{pause.pk}/end", held="moon")[1]

    pause.refresh_from_db()
    assert pause.ended_at is None


@pytest.mark.parametrize("tab", ["person", "next", "sending", "sent", "held"])
def test_pages_cost_few_queries(django_assert_max_num_queries: DjangoAssertNumQueries, comms: User, tab: str) -> None:
    channel = connected()
    for make in (
        publishing.unknown,
        publishing.failed,
        publishing.held_late,
        publishing.still_live,
        publishing.scheduled,
        publishing.sending_now,
        publishing.held_paused,
    ):
        for _ in range(3):
            make(post(on=channel))
    for _ in range(3):
        pauses.start_pause(reason="Wait.", channel=factories.channel(), by=comms)
    Organisation.current()
    speaks = Console(comms)

    with django_assert_max_num_queries(12):
        speaks.see(f"/publishing?tab={tab}&channel={channel.pk}")


def test_every_page_says_that_everything_is_on_hold_and_nothing_is_chosen_beforehand(comms: User, hr: User) -> None:
    pause = pauses.start_pause(reason="Election.", by=comms)
    for who, paths in ((comms, ("/", "/plan", "/write", "/publishing", "/account")), (hr, ("/candidates", "/plan"))):
        for path in paths:
            assert "Publishing is on hold" in Console(who).see(path), path
    ending = Console(comms).see("/publishing").split("What to do with posts that became due")[1].split("</form>")[0]
    assert "checked" not in ending
    assert "Choose what to do" in Console(comms).send(f"/publishing/pauses/{pause.pk}/end")[1]
    pauses.end_pause(pause=pause, held=pauses.PauseEnding.KEEP, by=comms)
    assert "Publishing is on hold" not in Console(comms).see("/plan")
