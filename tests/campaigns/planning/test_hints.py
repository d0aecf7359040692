"""Gaps and clashes are seen before they happen, and what is as it should be gives no hint."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.utils import timezone

from campaigns.planning.calendar import hints
from campaigns.planning.models import Campaign, Channel
from campaigns.planning.services import campaigns as campaigns_services
from campaigns.planning.services import events, publications
from campaigns.planning.services.timing import quiet_periods
from tests import factories

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)


def march(day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def campaign(rhythm: int | None = 7, **fields: object) -> Campaign:
    values = {"starts_on": date(2026, 3, 2), "ends_on": date(2026, 3, 31), "rhythm_days": rhythm}
    return factories.campaign(**values | fields)


def post(of: Campaign | None, at: datetime, on: Channel | None = None):
    return factories.publication(of=factories.blog_entry(campaign=of), on=on, publish_at=at)


def gaps() -> list[tuple[date, date]]:
    return [(gap.first, gap.last) for gap in hints.hints_between(first=FIRST, last=LAST).gaps]


def clashes(kind: str) -> list[hints.Clash]:
    return [clash for clash in hints.hints_between(first=FIRST, last=LAST).clashes if clash.kind == kind]


def test_silence_longer_than_the_rhythm_is_a_gap(clock) -> None:
    kept = campaign()
    for day in (3, 11, 20, 28):
        post(kept, march(day))

    assert gaps() == [(date(2026, 3, 12), date(2026, 3, 19))], "eight days; the seven before the 11th are its rhythm"
    words = hints.hints_between(first=FIRST, last=LAST).gaps[0].words
    assert words == (
        f"No “{kept.name}” posts from Thu 12 Mar to Thu 19 Mar. Its posting rhythm is at least one post every 7 days."
    )


def test_campaign_without_a_rhythm_has_no_gaps(clock) -> None:
    campaign(None)
    assert gaps() == []


def test_rhythm_is_changed_and_taken_away(clock) -> None:
    kept = campaign(None)
    campaigns_services.change_campaign(campaign=kept, changes={"rhythm_days": 7})
    assert gaps() == [(date(2026, 3, 2), date(2026, 3, 31))]
    campaigns_services.change_campaign(campaign=kept, changes={"rhythm_days": None})
    assert gaps() == []


def test_what_was_cancelled_or_is_held_breaks_no_silence(clock) -> None:
    kept = campaign()
    comms = factories.person("comms")
    publications.cancel_publication(publication=post(kept, march(10)), by=comms)
    publications.hold_publication(publication=post(kept, march(20)), by=comms, reason="Wait for the photograph.")
    assert gaps() == [(date(2026, 3, 2), date(2026, 3, 31))]


def test_gap_that_is_over_is_no_hint(clock) -> None:
    kept = campaign()
    post(kept, march(20))
    post(kept, march(27))
    clock.move_to(march(19, 12))
    assert gaps() == [(date(2026, 3, 2), date(2026, 3, 19))], "it lasts until the end of today"
    clock.move_to(march(20, 8))
    assert gaps() == []


def test_neighbouring_months_are_heard(clock) -> None:
    kept = campaign(ends_on=None)
    for day in range(5, 31, 6):
        post(kept, march(day))
    assert gaps() == [(date(2026, 3, 30), date(2026, 4, 7))]
    post(kept, datetime(2026, 4, 2, 9, tzinfo=UTC))
    assert gaps() == []


@pytest.mark.parametrize(("minutes", "clash"), [(0, True), (14, True), (15, False)])
def test_two_posts_close_together_on_one_channel_clash(clock, minutes: int, clash: bool) -> None:
    channel = factories.channel(name="Careers stall")
    one = post(None, march(10), channel)
    other = post(None, march(10, 9, minutes), channel)
    found = clashes("near")
    assert bool(found) is clash
    if clash:
        assert set(found[0].publication_ids) == {one.pk, other.pk}
        assert found[0].words.startswith("2 posts on Careers stall within 15 minutes: Tue 10 Mar 09:00 and")


def test_posts_on_two_channels_or_cancelled_do_not_clash(clock) -> None:
    channel = factories.channel()
    post(None, march(10), channel)
    post(None, march(10))
    publications.cancel_publication(publication=post(None, march(10, 9, 5), channel), by=None)
    assert clashes("near") == []


def test_post_in_quiet_hours_says_until_when_it_waits(clock) -> None:
    channel = factories.channel(name="Careers stall")
    quiet_periods.add_quiet_period(
        channel=channel, kind="quiet", by=None, weekdays=["SU"], from_time=time(0, 30), to_time=time(8)
    )
    kept = post(None, march(29, 5), channel)
    post(None, march(29, 8), channel)
    (found,) = clashes("quiet")
    assert found.publication_ids == (kept.pk,)
    assert found.words == (
        "Careers stall has quiet hours from 00:30 to 08:00. "
        "The post scheduled for Sun 29 Mar 06:00 waits until Sun 29 Mar 08:00."
    ), "on the wall clock, on the morning after the clocks went forward"


def test_times_are_told_on_the_readers_clock(clock) -> None:
    channel = factories.channel(name="Careers stall")
    quiet_periods.add_quiet_period(
        channel=channel, kind="quiet", by=None, weekdays=["TU"], from_time=time(8), to_time=time(10)
    )
    post(None, march(10), channel)
    post(None, march(10, 9, 5), channel)
    with timezone.override("Europe/Madrid"):
        (near,), (quiet, _) = clashes("near"), clashes("quiet")
    assert near.words.endswith("within 15 minutes: Tue 10 Mar 10:00 and 10:05.")
    assert quiet.words == (
        "Careers stall has quiet hours from 08:00 to 10:00 (UK time). The post scheduled for Tue 10 Mar "
        "10:00 waits until Tue 10 Mar 11:00."
    )


def test_post_in_a_blackout_is_told_with_its_reason(clock) -> None:
    channel = factories.channel()
    quiet_periods.add_quiet_period(
        channel=channel, kind="blackout", by=None, starts_at=march(10), ends_at=march(12), reason="The election."
    )
    post(None, march(11), channel)
    assert "The election." in clashes("quiet")[0].words


def test_event_on_a_bank_holiday(clock) -> None:
    friday = factories.event(
        title="Open ward", starts_at=datetime(2026, 4, 2, 10, tzinfo=UTC), ends_at=datetime(2026, 4, 3, 12, tzinfo=UTC)
    )
    factories.event(starts_at=datetime(2026, 4, 7, 10, tzinfo=UTC))
    off = factories.event(starts_at=datetime(2026, 4, 6, 10, tzinfo=UTC))
    events.cancel_event(event=off, by=None)
    found = hints.hints_between(first=date(2026, 4, 1), last=date(2026, 4, 30)).clashes
    assert [(clash.event_id, clash.words) for clash in found] == [
        (friday.pk, "“Open ward” is on a bank holiday: Fri 3 Apr, Good Friday.")
    ]


def test_other_campaigns_and_channels_cost_no_further_query(clock, django_assert_num_queries) -> None:
    for day in range(5, 15):
        post(campaign(), march(day))
    with django_assert_num_queries(4):
        hints.hints_between(first=FIRST, last=FIRST + timedelta(days=30))
