"""The report's figures: the worked example, the demonstration's thirteen nurses, teams and campaigns."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

from campaigns.hiring import reports
from campaigns.hiring.errors import InvalidHiring
from campaigns.hiring.models import AttributionModel, HireState, Touch, TouchKind
from tests.campaigns.hiring import factories as make

pytestmark = pytest.mark.django_db
AUTUMN = {"start": date(2018, 9, 1), "end": date(2018, 10, 31)}


def september(day, hour=10):
    return make.london(2018, 9, day, hour)


def figures(report):
    return {row.name: row.hires for row in report.rows}


@pytest.fixture
def worked_example():
    twitter, blog, nhs_jobs, event = (make.channel(slug) for slug in ("twitter", "blog", "nhs_jobs", "event"))
    accepted = date(2018, 9, 30)
    make.hire(accepted, [(twitter, september(1, 9)), (blog, september(3, 9)), (nhs_jobs, september(10, 9))])
    make.hire(accepted, [(event, september(2)), (twitter, september(9))])
    make.hire(accepted, [(twitter, september(5))])
    make.hire(
        accepted,
        [(nhs_jobs, september(4)), (blog, september(5)), (twitter, september(6)), (event, september(11))],
    )
    for touches in ([(blog, september(7)), (twitter, september(8))], [(event, september(7))]):
        candidate = make.candidate()
        for channel, at in touches:
            Touch.objects.create(candidate=candidate, channel=channel, kind=TouchKind.RECORDED, at=at)


@pytest.mark.parametrize("model", ["first", "last"])
def test_the_worked_example_comes_out_as_written(worked_example, model):
    report = reports.source_of_hire(**AUTUMN, model=model)
    assert figures(report) == {"twitter": 2, "nhs_jobs": 1, "event": 1}
    assert (report.total, report.recorded, report.not_recorded) == (4, 4, 0)


def test_first_and_last_touch_credit_different_hires(worked_example):
    behind = {
        model: set(
            reports.hires_of_figure(**AUTUMN, model=model, channel=make.channel("twitter").pk).values_list(
                "pk", flat=True
            )
        )
        for model in ("first", "last")
    }
    assert len(behind["first"]) == len(behind["last"]) == 2
    assert behind["first"] != behind["last"]


def test_thirteen_nurses_three_through_twitter_ten_not_recorded():
    twitter = make.channel("twitter", "Twitter")
    for day in (5, 12, 26):
        make.hire(date(2018, 9, day), [(twitter, september(1))])
    for day in range(1, 11):
        make.hire(date(2018, 10, day))
    report = reports.source_of_hire(**AUTUMN, model="first")
    assert (report.total, report.recorded, report.not_recorded) == (13, 3, 10)
    assert [(row.key, row.name, row.hires) for row in report.rows] == [
        (twitter.pk, "Twitter", 3),
        (None, "Not recorded", 10),
    ]
    assert [row.share for row in report.rows] == [Fraction(3, 13), Fraction(10, 13)]
    assert (report.share_not_recorded, report.share_not_recorded_rounded) == (Fraction(10, 13), 0.7692)
    assert report.rows[0].share_rounded == 0.2308


def test_tracked_and_stated_are_kept_apart():
    twitter, blog = make.channel("twitter"), make.channel("blog")
    make.hire(date(2018, 9, 20), [(twitter, september(1))], stated=blog)
    make.hire(date(2018, 9, 20), [(twitter, september(1))])
    make.hire(date(2018, 9, 20), stated=blog)
    assert figures(reports.source_of_hire(**AUTUMN, model="first")) == {"twitter": 2, "Not recorded": 1}
    assert figures(reports.source_of_hire(**AUTUMN, model="stated")) == {"blog": 2, "Not recorded": 1}


def test_a_reversed_hire_gives_its_credit_back():
    twitter = make.channel("twitter")
    make.hire(date(2018, 9, 20), [(twitter, september(1))])
    make.hire(date(2018, 9, 20), [(twitter, september(1))], state=HireState.REVERSED)
    make.hire(date(2018, 9, 20), [(twitter, september(1))], state=HireState.STARTED)
    assert figures(reports.source_of_hire(**AUTUMN, model="last")) == {"twitter": 2}


def test_by_team_each_team_has_its_sources():
    ward, crisis = make.team("Ward"), make.team("Crisis")
    twitter, blog = make.channel("twitter"), make.channel("blog")
    for channel in (twitter, twitter, blog):
        make.hire(date(2018, 9, 20), [(channel, september(1))], post=make.vacancy(team=ward))
    make.hire(date(2018, 9, 20), post=make.vacancy(team=crisis))
    make.hire(date(2018, 9, 20), [(blog, september(1))])
    report = reports.source_of_hire(**AUTUMN, model="first", by="team")
    assert [(row.key, row.name, row.hires, row.share) for row in report.rows] == [
        (ward.pk, "Ward", 3, Fraction(3, 5)),
        (crisis.pk, "Crisis", 1, Fraction(1, 5)),
        (None, "No team", 1, Fraction(1, 5)),
    ]
    assert [(row.name, row.hires, row.share) for row in report.rows[0].sources] == [
        ("twitter", 2, Fraction(2, 3)),
        ("blog", 1, Fraction(1, 3)),
    ]
    assert [(row.key, row.name) for row in report.rows[1].sources] == [(None, "Not recorded")]
    assert (report.total, report.recorded, report.not_recorded) == (5, 4, 1)


def test_by_campaign_two_campaigns_of_one_name_stay_two():
    first, second = make.campaign("Autumn"), make.campaign("Autumn")
    for campaign in (first, first, second):
        make.hire(date(2018, 9, 20), post=make.vacancy(campaign=campaign))
    make.hire(date(2018, 9, 20))
    report = reports.source_of_hire(**AUTUMN, model="first", by="campaign")
    assert [(row.key, row.name, row.hires) for row in report.rows] == [
        (first.pk, "Autumn", 2),
        (second.pk, "Autumn", 1),
        (None, "No campaign", 1),
    ]


def test_the_vacancy_that_was_filled_decides_not_the_one_applied_for():
    ward, crisis = make.team("Ward"), make.team("Crisis")
    hire = make.hire(date(2018, 9, 20), post=make.vacancy(team=ward))
    hire.candidate.vacancy = make.vacancy(team=crisis)
    hire.candidate.save()
    assert figures(reports.source_of_hire(**AUTUMN, model="first", by="team")) == {"Ward": 1}


@pytest.mark.parametrize("by", ["channel", "team", "campaign"])
def test_a_period_without_hires_is_an_empty_report(by):
    report = reports.source_of_hire(**AUTUMN, model="first", by=by)
    assert (report.total, report.not_recorded, report.share_not_recorded, report.rows) == (0, 0, 0, ())


@pytest.mark.parametrize("by", ["channel", "team", "campaign"])
def test_the_number_of_queries_does_not_grow_with_the_hires(worked_example, by, django_assert_num_queries):
    with django_assert_num_queries(2):
        reports.source_of_hire(**AUTUMN, model="last", by=by)


@pytest.mark.parametrize(
    ("change", "field"),
    [({"model": "linear"}, "model"), ({"by": "mood"}, "by"), ({"end": date(2018, 8, 31)}, "end")],
)
def test_what_cannot_be_asked_is_named(change, field):
    with pytest.raises(InvalidHiring) as refused:
        reports.source_of_hire(**{**AUTUMN, "model": "first", "by": "channel", **change})
    assert refused.value.field == field


def test_every_model_has_a_definition_and_the_report_carries_it():
    assert set(reports.DEFINITIONS) == set(AttributionModel)
    report = reports.source_of_hire(**AUTUMN, model="stated")
    assert report.definition == reports.DEFINITIONS[AttributionModel.STATED]
