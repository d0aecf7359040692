"""What is saved while somebody types is one entry an hour, from what was there at first to what is there now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.audit.middleware import audit_context
from backend.audit.models import LogEntry
from campaigns.planning.models import BlogEntry, Channel
from campaigns.planning.services import blog_entries, compositions, publications
from campaigns.planning.services.compositions import ChannelText, CommonText
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(clock: Any) -> BlogEntry:
    return factories.blog_entry(title="A day", summary="")


def type_on(entry: BlogEntry, by: User, *, title: str, wording: str = "", channel: Channel | None = None) -> None:
    """One autosave of the page Compose."""
    kept = compositions.composition_of(entry)
    now = BlogEntry.objects.get(pk=entry.pk)
    with audit_context(actor=by, through="session"):
        compositions.save_composition(
            content=now,
            version=kept.version,
            chosen=[ChannelText(channel, wording)] if channel else [],
            text=CommonText(title, now.summary, compositions.text_digest(now)),
            by=by,
        )


def trail(entry: BlogEntry) -> list[LogEntry]:
    """Without its planning, oldest first."""
    return list(LogEntry.objects.get_for_object(entry).order_by("id"))[1:]


def test_an_hour_of_typing_is_one_entry_for_the_text_and_one_for_the_rest(
    entry: BlogEntry, comms: User, clock: Any
) -> None:
    channel = factories.channel(name="Stall")
    for number in range(30):
        type_on(entry, comms, title=f"A day and {number}", wording="Come " * (number + 1), channel=channel)
        clock.shift(timedelta(seconds=90))

    text, composed = trail(entry)

    assert (text.changes["title"], text.times) == (["A day", "A day and 29"], 30)
    assert (composed.event, composed.times) == ("composed", 30)
    assert composed.changes["channels"] == [[], ["Stall"]]
    assert composed.changes["texts"] == ["***", "***"]
    assert "Come" not in str(composed.changes)
    assert {text.actor, composed.actor} == {comms}
    assert composed.until == timezone.now() - timedelta(seconds=90)


def test_next_hour_begins_another(entry: BlogEntry, comms: User, clock: Any) -> None:
    type_on(entry, comms, title="One")
    clock.shift(timedelta(minutes=61))
    type_on(entry, comms, title="Two")

    assert [each.changes["title"] for each in trail(entry)] == [["A day", "One"], ["One", "Two"]]


def test_nobodys_words_stand_under_another_name(entry: BlogEntry, comms: User, approver: User) -> None:
    for by, title in ((comms, "One"), (approver, "Two"), (comms, "Three"), (comms, "Four")):
        type_on(entry, by, title=title)

    assert [(each.actor, each.changes["title"], each.times) for each in trail(entry)] == [
        (comms, ["A day", "One"], 1),
        (approver, ["One", "Two"], 1),
        (comms, ["Two", "Four"], 2),
    ]


def test_what_somebody_saves_themselves_has_its_own_entry_each_time(entry: BlogEntry, comms: User) -> None:
    type_on(entry, comms, title="One")
    for title in ("Two", "Three"):
        with audit_context(actor=comms, through="session"):
            blog_entries.change_blog_entry(entry=entry, changes={"title": title}, by=comms)
    type_on(entry, comms, title="Four")

    titles = [each.changes["title"] for each in trail(entry)]
    assert titles == [["A day", "One"], ["One", "Two"], ["Two", "Three"], ["Three", "Four"]]


def test_saving_the_same_again_leaves_nothing(entry: BlogEntry, comms: User) -> None:
    type_on(entry, comms, title="One")
    before = trail(entry)
    type_on(entry, comms, title="One")

    assert trail(entry) == before
    assert {each.times for each in trail(entry)} == {1}


def test_entry_that_gathers_nothing_is_never_extended(entry: BlogEntry) -> None:
    [planned] = LogEntry.objects.get_for_object(entry)

    assert not LogEntry.objects.get_queryset().extend(planned, changes={}, until=timezone.now())
    assert LogEntry.objects.get(pk=planned.pk).changes == planned.changes


def test_pictures_of_a_post_alone_are_told(comms: User) -> None:
    row, picture = factories.publication(), factories.picture()
    publications.change_publication(publication=row, pictures=[picture], by=comms)

    latest = LogEntry.objects.get_for_object(row).order_by("-id")[0]

    assert (latest.changes, latest.actor) == ({"pictures": [[], [picture.pk]]}, comms)
