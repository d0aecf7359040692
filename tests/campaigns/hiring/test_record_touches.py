from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.hiring import links, services
from campaigns.hiring.errors import InvalidHiring
from campaigns.hiring.models import Touch, TouchKind
from tests.campaigns.hiring import factories as make

AT = make.london(2018, 9, 2)


def stall_link(event):
    return links.make_link(channel=make.channel("pop-up"), content=event, page_url="https://promenade.example/events/1")


def test_a_channel_alone_is_recorded_by_hand(hr):
    touch = services.add_touch(candidate=make.candidate(), channel=make.channel("tv"), at=AT)
    assert (touch.kind, touch.channel.slug, touch.at) == (TouchKind.RECORDED, "tv", AT)


def test_a_code_is_a_tracked_link_and_brings_its_channel(hr):
    link = stall_link(make.event())
    touch = services.add_touch(candidate=make.candidate(), link_code=link.code, at=AT)
    assert (touch.kind, touch.channel, touch.link) == (TouchKind.LINK, link.channel, link)


def test_a_check_in_is_known_by_its_event_through_the_stalls_code_or_its_channel(hr):
    event, candidate = make.event(), make.candidate()
    link = stall_link(event)
    scanned = services.add_touch(candidate=candidate, event=event, link_code=link.code, at=AT)
    noted = services.add_touch(candidate=candidate, event=event, channel=make.channel("fair"), at=AT)
    assert (scanned.kind, scanned.event, scanned.link, scanned.channel) == ("check_in", event, link, link.channel)
    assert (noted.kind, noted.event, noted.channel.slug) == ("check_in", event, "fair")


def test_without_a_time_it_happened_now(hr):
    touch = services.add_touch(candidate=make.candidate(), channel=make.channel("tv"))
    assert abs(touch.at - timezone.now()) < timedelta(minutes=1)


def test_a_form_sent_twice_keeps_one_touch(hr):
    candidate, channel = make.candidate(), make.channel("tv")
    first = services.add_touch(candidate=candidate, channel=channel, at=AT)
    second = services.add_touch(candidate=candidate, channel=channel, at=AT)
    assert first == second == Touch.objects.get()


def test_a_touch_recorded_wrongly_is_taken_back_once(hr):
    touch = services.add_touch(candidate=make.candidate(), channel=make.channel("tv"), at=AT)
    services.remove_touch(touch=touch)
    services.remove_touch(touch=touch)
    assert not Touch.objects.exists()


def test_both_or_neither_of_channel_and_code_is_refused(hr):
    candidate, event = make.candidate(), make.event()
    both = {"channel": make.channel("tv"), "link_code": stall_link(event).code}
    for given in (both, {}, {"event": event}):
        with pytest.raises(InvalidHiring) as refused:
            services.add_touch(candidate=candidate, at=AT, **given)
        assert (refused.value.code, refused.value.field) == ("required", "channel")


def test_an_unknown_code_and_a_time_to_come_are_refused_with_their_fields(hr):
    candidate = make.candidate()
    with pytest.raises(InvalidHiring) as refused:
        services.add_touch(candidate=candidate, link_code="nothere2")
    assert refused.value.field == "link_code"
    with pytest.raises(InvalidHiring) as refused:
        services.add_touch(candidate=candidate, channel=make.channel("tv"), at=timezone.now() + timedelta(minutes=1))
    assert (refused.value.code, refused.value.field) == ("in_future", "at")
