"""Credit for hires as rows: the worked example, exact sums, and rows that follow whatever decides them."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from itertools import permutations

import pytest
from django.db.models import Count
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from campaigns.hiring import attribution_models, services, touch_credit
from campaigns.hiring.models import AttributionModel, Credit, Hire, HireState, Touch
from tests.campaigns.hiring import factories as make

FIRST, LAST, STATED = AttributionModel
DAY = date(2018, 9, 30)


def september(day, hour=10):
    return make.london(2018, 9, day, hour)


def credits_of(model):
    """What each channel gets of all hires."""
    sums = {}
    for row in Credit.objects.filter(model=model).select_related("channel"):
        sums[row.channel.slug] = sums.get(row.channel.slug, 0) + row.share
    return sums


def rows_of(hire):
    """The rows of one hire, without their ids."""
    return sorted(hire.credits.values_list("model", "channel__slug", "touch", "numerator", "denominator"))


@pytest.mark.django_db
def test_worked_example_gives_the_figures_of_the_table():
    twitter, blog, nhs_jobs, event = (make.channel(slug) for slug in ("twitter", "blog", "nhs_jobs", "event"))
    a = [(twitter, september(1, 9)), (blog, september(3, 9)), (nhs_jobs, september(10, 9))]
    b = [(event, september(2)), (twitter, september(9))]
    c = [(twitter, september(5))]
    d = [(nhs_jobs, september(4)), (blog, september(5)), (twitter, september(6)), (event, september(11))]
    for touches, stated in ((a, blog), (b, event), (c, None), (d, event)):
        make.hire(DAY, touches, stated=stated)
    for touches in ([(blog, september(7)), (twitter, september(8))], [(event, september(7))]):
        person = make.candidate(stated_channel=blog)
        for channel, at in touches:
            services.add_touch(candidate=person, channel=channel, at=at)

    assert credits_of(FIRST) == {"twitter": 2, "nhs_jobs": 1, "event": 1}
    assert credits_of(LAST) == {"twitter": 2, "nhs_jobs": 1, "event": 1}
    assert credits_of(STATED) == {"blog": 1, "event": 2}
    with_touches = Hire.objects.annotate(touches=Count("candidate__touches")).filter(touches__gt=0).count()
    assert sum(credits_of(FIRST).values()) == sum(credits_of(LAST).values()) == with_touches == 4
    assert sum(credits_of(STATED).values()) == Hire.objects.exclude(candidate__stated_channel=None).count() == 3


def linear(count):
    return [Fraction(1, count)] * count


def position(count):
    if count < 3:
        return linear(count)
    return [Fraction(2, 5), *[Fraction(1, 5 * (count - 2))] * (count - 2), Fraction(2, 5)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        (linear, {"twitter": 2.083333, "blog": 0.583333, "nhs_jobs": 0.583333, "event": 0.75}),
        (position, {"twitter": 2.0, "blog": 0.3, "nhs_jobs": 0.8, "event": 0.9}),
    ],
)
def test_a_model_of_parts_is_stored_exactly_in_the_same_rows(weights, expected, monkeypatch):
    monkeypatch.setattr(attribution_models, "WEIGHTS", {FIRST: weights})
    twitter, blog, nhs_jobs, event = (make.channel(slug) for slug in ("twitter", "blog", "nhs_jobs", "event"))
    for touches in (
        [(twitter, september(1)), (blog, september(3)), (nhs_jobs, september(10))],
        [(event, september(2)), (twitter, september(9))],
        [(twitter, september(5))],
        [(nhs_jobs, september(4)), (blog, september(5)), (twitter, september(6)), (event, september(11))],
    ):
        make.hire(DAY, touches)
    figures = credits_of(FIRST)
    assert {slug: round(float(share), 6) for slug, share in figures.items()} == expected
    assert sum(figures.values()) == 4


@pytest.mark.django_db
def test_order_in_which_touches_are_given_never_matters():
    touches = [(make.channel(slug), september(day)) for slug, day in (("twitter", 1), ("blog", 3), ("event", 10))]
    for order in permutations(touches):
        hire = make.hire(DAY, order)
        known = list(hire.candidate.touches.all())
        for shuffled in permutations(known):
            assert attribution_models.share_credit(FIRST, shuffled) == [(known[0], Fraction(1))]
            assert attribution_models.share_credit(LAST, shuffled) == [(known[2], Fraction(1))]
    assert credits_of(FIRST) == {"twitter": 6}
    assert credits_of(LAST) == {"event": 6}


@pytest.mark.django_db
def test_reversal_takes_the_credit_away_and_a_new_record_gives_it_again():
    twitter, blog = make.channel("twitter"), make.channel("blog")
    hire = make.hire(DAY, [(twitter, september(1))], stated=blog)
    assert [row[:2] for row in rows_of(hire)] == [("first", "twitter"), ("last", "twitter"), ("stated", "blog")]
    services.reverse_hire(hire=hire, stage="offered", by=None)
    assert not Credit.objects.exists()
    services.add_touch(candidate=hire.candidate, channel=blog, at=september(2))
    assert not Credit.objects.exists()
    services.record_hire(candidate=hire.candidate, vacancy=hire.vacancy, accepted_on=date(2018, 9, 1), by=None)
    assert credits_of(LAST) == {"twitter": 1}  # by then, the blog had not been met


@pytest.mark.django_db
def test_a_touch_that_is_taken_back_gives_its_credit_to_the_next():
    twitter, blog = make.channel("twitter"), make.channel("blog")
    hire = make.hire(DAY, [(twitter, september(1)), (blog, september(2))])
    services.remove_touch(touch=hire.candidate.touches.get(channel=blog))
    assert (credits_of(FIRST), credits_of(LAST)) == ({"twitter": 1}, {"twitter": 1})
    services.remove_touch(touch=hire.candidate.touches.get())
    assert not Credit.objects.exists()


@pytest.mark.django_db
def test_another_stated_source_moves_the_stated_credit_only():
    twitter, blog = make.channel("twitter"), make.channel("blog")
    hire = make.hire(DAY, [(twitter, september(1))], stated=twitter)
    services.change_candidate(candidate=hire.candidate, changes={"stated_channel": blog})
    assert (credits_of(FIRST), credits_of(STATED)) == ({"twitter": 1}, {"blog": 1})
    services.change_candidate(candidate=hire.candidate, changes={"stated_channel": None})
    assert (credits_of(FIRST), credits_of(STATED)) == ({"twitter": 1}, {})


@pytest.mark.django_db
def test_an_assignment_done_again_leaves_the_same_rows():
    hire = make.hire(DAY, [(make.channel("twitter"), september(1))], stated=make.channel("blog"))
    before = rows_of(hire)
    services.credit.assign_credit(candidate=hire.candidate)
    assert rows_of(hire) == before != []


@pytest.mark.django_db
def test_what_one_page_tells_is_what_the_report_counts():
    twitter, blog, stall = (make.channel(slug) for slug in ("twitter", "blog", "stall"))
    hire = make.hire(DAY, [(blog, september(1)), (twitter, september(2)), (stall, make.london(2018, 10, 1))])
    touches = list(hire.candidate.touches.all())
    assert touch_credit.read_credit(hire) == {FIRST: {touches[0].pk: 1}, LAST: {touches[1].pk: 1}}
    # Accepted today, the stall would be the last.
    assert touch_credit.preview_credit(touches) == {FIRST: {touches[0].pk: 1}, LAST: {touches[2].pk: 1}}
    services.reverse_hire(hire=hire, by=None)
    assert touch_credit.read_credit(hire) == {FIRST: {}, LAST: {}}


STEPS = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "state", "hire", "reverse"]), st.integers(0, 2), st.integers(1, 30)),
    max_size=12,
)


class RowsFollow(TestCase):
    @settings(max_examples=25, deadline=None)
    @given(STEPS)
    def test_whatever_is_done_in_whatever_order(self, steps):
        channels = [make.channel(slug) for slug in ("twitter", "blog", "event")]
        person, post = make.candidate(), make.vacancy()
        for verb, number, day in steps:
            hire = Hire.objects.filter(candidate=person).first()
            counts = hire is not None and hire.state != HireState.REVERSED
            person.refresh_from_db()
            if verb == "add":
                services.add_touch(candidate=person, channel=channels[number], at=september(day))
            elif verb == "remove" and (touch := Touch.objects.filter(candidate=person).order_by("-at").first()):
                services.remove_touch(touch=touch)
            elif verb == "state":
                services.change_candidate(candidate=person, changes={"stated_channel": channels[number]})
            elif verb == "hire" and not counts:
                services.record_hire(candidate=person, vacancy=post, accepted_on=date(2018, 9, day), by=None)
            elif verb == "reverse" and counts:
                services.reverse_hire(hire=hire, stage="offered", by=None)
            self.check(person)

    def check(self, person):
        person.refresh_from_db()
        hire = Hire.objects.counted().filter(candidate=person).first()
        touches = [
            touch
            for touch in Touch.objects.filter(candidate=person).order_by("at", "pk")
            if hire and touch.at.astimezone(make.LONDON).date() <= hire.accepted_on
        ]
        expected = {}
        if touches:
            expected |= {FIRST: (touches[0].channel_id, 1), LAST: (touches[-1].channel_id, 1)}
        if hire and person.stated_channel_id:
            expected[STATED] = (person.stated_channel_id, 1)
        rows = Credit.objects.filter(hire__candidate=person)
        assert {row.model: (row.channel_id, row.share) for row in rows} == expected
        assert len(rows) == len(expected)
