"""What is composed is kept as it is typed, by whoever types it, and goes into the schedule whole or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest
import time_machine

from backend.accounts.models import User
from campaigns.planning.errors import ChangedMeanwhile, InvalidPlan
from campaigns.planning.models import ComposedChannel, Content, Publication
from campaigns.planning.services import blog_entries, compositions
from campaigns.planning.services.compositions import ChannelText
from campaigns.planning.services.timing import slots
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
NINE, NOON = datetime(2026, 3, 4, 9, 0), datetime(2026, 7, 6, 12, 0)


def save(content: Any, *chosen: ChannelText, version: int = 0, by: User | None = None, **fields: Any) -> Any:
    return compositions.save_composition(
        content=content, version=version, chosen=chosen, by=by or factories.person("comms"), **fields
    )


def test_each_save_raises_the_version_and_the_same_again_does_not(comms: User) -> None:
    row, channel = factories.blog_entry(), factories.channel()
    first = save(row, ChannelText(channel, "Join us."), times=[NINE])
    assert (first.version, first.edited_by) == (1, comms)
    assert save(row, ChannelText(channel, "Join us."), times=[NINE], version=1).version == 1
    assert save(row, ChannelText(channel, "Join us!"), times=[NINE], version=1).version == 2
    [kept] = compositions.channel_texts(compositions.composition_of(row))
    assert (kept.channel, kept.wording) == (channel, "Join us!")


def test_the_later_of_two_is_told_and_neither_version_is_lost(comms: User, approver: User) -> None:
    row, channel = factories.blog_entry(), factories.channel()
    save(row, ChannelText(channel, "Amara's"), by=comms)
    with pytest.raises(ChangedMeanwhile, match="compare both") as refusal:
        save(row, ChannelText(channel, "Tom's"), by=approver)
    assert (refusal.value.kept.version, refusal.value.kept.edited_by) == (1, comms)
    assert compositions.channel_texts(refusal.value.kept)[0].wording == "Amara's"


def test_what_is_unfinished_or_past_is_kept(clock: time_machine.Traveller) -> None:
    row = factories.blog_entry()
    save(row, times=[datetime(2020, 1, 1, 9, 0)])
    assert compositions.composition_of(row).times == ["2020-01-01T09:00"]


def test_a_time_with_an_offset_is_kept_as_the_wall_clock_shows_it() -> None:
    kept = save(factories.blog_entry(), times=[datetime(2026, 7, 6, 11, 0, tzinfo=UTC), NINE])
    assert kept.times == ["2026-03-04T09:00", "2026-07-06T12:00"]


def test_what_could_never_be_scheduled_is_refused() -> None:
    row, channel = factories.blog_entry(), factories.channel()
    for chosen, fields, field in [
        ([ChannelText(channel), ChannelText(channel)], {}, "channels"),
        ([], {"times": [NINE.replace(minute=minute) for minute in range(13)]}, "times"),
        ([], {"zone": "Europe/Brighton"}, "zone"),
        ([ChannelText(channel, "a\x00b")], {}, "wording"),
    ]:
        with pytest.raises(InvalidPlan) as refusal:
            save(row, *chosen, **fields)
        assert refusal.value.field == field
    assert compositions.composition_of(row).version == 0


def test_scheduling_makes_each_channel_at_each_time_and_empties_it(comms: User) -> None:
    row, stall, poster = factories.blog_entry(), factories.channel(), factories.channel()
    save(row, ChannelText(stall, "Come and see us."), ChannelText(poster), times=[NOON, NINE], late_rule="hold")
    made = compositions.schedule_composition(content=row, version=1, by=comms)
    assert [(each.channel, each.wording, f"{each.publish_at:%d %H}", each.late_rule) for each in made] == [
        (stall, "Come and see us.", "04 09", "hold"),
        (stall, "Come and see us.", "06 11", "hold"),
        (poster, "", "04 09", "hold"),
        (poster, "", "06 11", "hold"),
    ]
    left = compositions.composition_of(row)
    assert (left.version, left.times, compositions.channel_texts(left)) == (2, [], [])


def test_an_old_page_cannot_write_into_what_was_composed_after_it(comms: User) -> None:
    row, channel = factories.blog_entry(), factories.channel()
    save(row, ChannelText(channel), times=[NINE])
    compositions.schedule_composition(content=row, version=1, by=comms)
    save(row, ChannelText(channel, "The next one"), version=2)
    with pytest.raises(ChangedMeanwhile):
        save(row, ChannelText(channel, "From a page of before"), version=1)


def test_the_next_free_slot_is_each_channels_own(comms: User) -> None:
    row, stall, poster = factories.blog_entry(), factories.channel(), factories.channel()
    slots.add_slot(channel=stall, weekday="TU", time=time(10), zone="Europe/London")
    slots.add_slot(channel=poster, weekday="WE", time=time(11), zone="Europe/London")
    save(row, ChannelText(stall), ChannelText(poster), when="slot")
    made = compositions.schedule_composition(content=row, version=1, by=comms)
    assert [f"{each.publish_at:%a %H:%M}" for each in made] == ["Tue 10:00", "Wed 11:00"]


def test_one_refusal_schedules_nothing_and_names_the_channel(comms: User) -> None:
    row, stall = factories.blog_entry(audience="staff"), factories.channel(audience="staff")
    everyone = factories.channel(name="X of the trust", audience="public")
    save(row, ChannelText(stall), ChannelText(everyone), times=[NINE])
    with pytest.raises(InvalidPlan, match="X of the trust: This content is for staff"):
        compositions.schedule_composition(content=row, version=1, by=comms)
    assert not Publication.objects.exists()
    assert ComposedChannel.objects.count() == 2


@pytest.mark.parametrize(("chosen", "fields", "field"), [(False, {"times": [NINE]}, "channels"), (True, {}, "times")])
def test_without_a_channel_or_a_time_nothing_is_scheduled(
    chosen: bool, fields: dict[str, Any], field: str, comms: User
) -> None:
    row = factories.blog_entry()
    save(row, *([ChannelText(factories.channel())] if chosen else []), **({"late_rule": "hold"} | fields))
    with pytest.raises(InvalidPlan) as refusal:
        compositions.schedule_composition(content=row, version=1, by=comms)
    assert refusal.value.field == field


def test_it_can_be_sent_for_approval_in_one_go(comms: User) -> None:
    row, channel = factories.blog_entry(), factories.channel()
    save(row, ChannelText(channel), times=[NINE])
    compositions.schedule_composition(content=row, version=1, submit=True, comment="For Wednesday.", by=comms)
    row.refresh_from_db()
    assert (row.state, row.moves.get().comment) == ("in_review", "For Wednesday.")


def test_what_is_approved_already_is_not_sent_again(comms: User) -> None:
    row, channel = factories.approved_blog_entry(), factories.channel()
    save(row, ChannelText(channel), times=[NINE])
    compositions.schedule_composition(content=row, version=1, submit=True, by=comms)
    row.refresh_from_db()
    assert row.state == "approved"


def text(row: Any, title: str, **how: Any) -> compositions.CommonText:
    """A new title, typed over what stands there now."""
    content = Content.objects.get(pk=row.pk)
    return compositions.CommonText(title, content.summary, compositions.text_digest(content), **how)


def test_the_common_text_is_saved_with_the_composition() -> None:
    row = factories.blog_entry()
    save(row, text=text(row, "A night on the ward"))
    row.refresh_from_db()
    assert (row.title, row.state) == ("A night on the ward", "draft")


def test_typing_alone_never_takes_an_approval_away() -> None:
    row = factories.approved_blog_entry()
    kept = save(row, ChannelText(factories.channel(), "Join us."), text=text(row, "A night on the ward"))
    before = row.title
    row.refresh_from_db()
    assert (kept.version, row.title, row.state) == (1, before, "approved")


def test_who_asks_for_another_approval_gets_the_text_saved() -> None:
    row = factories.approved_blog_entry()
    save(row, text=text(row, "A night on the ward", again=True))
    row.refresh_from_db()
    assert (row.title, row.state) == ("A night on the ward", "in_review")


def test_where_all_or_nothing_is_to_be_saved_an_approved_text_refuses_the_whole() -> None:
    row = factories.approved_blog_entry()
    with pytest.raises(InvalidPlan, match="has not been saved") as refusal:
        save(row, ChannelText(factories.channel()), text=text(row, "A night on the ward", strict=True))
    assert refusal.value.field == "title"
    assert compositions.composition_of(row).version == 0
    assert save(row, text=text(row, row.title, strict=True), times=[NINE]).version == 1  # nothing of it differs


def test_a_text_that_somebody_else_changed_meanwhile_is_not_written_over(approver: User) -> None:
    row = factories.blog_entry()
    typed = text(row, "A night on the ward")
    blog_entries.change_blog_entry(entry=row, changes={"summary": "By Tom."}, by=approver)
    with pytest.raises(ChangedMeanwhile, match="Someone changed the common text"):
        save(row, text=typed)
    row.refresh_from_db()
    assert (row.summary, row.title != "A night on the ward") == ("By Tom.", True)
