"""Every figure opens to exactly its rows, and the rows add up, whatever the hires look like."""

from __future__ import annotations

from datetime import UTC, date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from campaigns.hiring import reports
from campaigns.hiring.models import AttributionModel, HireState
from tests import THOROUGHNESS
from tests.campaigns.hiring import factories as make

DAY = date(2018, 10, 27)
PERIOD = {"start": DAY, "end": DAY + timedelta(days=2)}

touches = st.lists(st.tuples(st.integers(0, 2), st.integers(-30, 100)), max_size=3)
hires = st.lists(
    st.fixed_dictionaries(
        {
            "day": st.integers(-1, 3),
            "touches": touches,
            "stated": st.none() | st.integers(0, 2),
            "team": st.none() | st.integers(0, 1),
            "campaign": st.none() | st.integers(0, 1),
            "state": st.sampled_from(HireState.values),
        }
    ),
    max_size=6,
)


def expected(model, one):
    """The credit by the definition, without the database: the channel's number, or None."""
    if model == AttributionModel.STATED:
        return one["stated"]
    accepted = DAY + timedelta(days=one["day"])
    known = [
        (hours, position, channel)
        for position, (channel, hours) in enumerate(one["touches"])
        if moment(hours).astimezone(make.LONDON).date() <= accepted
    ]
    if not known:
        return None
    return (min(known) if model == AttributionModel.FIRST else max(known))[2]


def moment(hours):
    return make.london(2018, 10, 27, 0, 30).astimezone(UTC) + timedelta(hours=hours)


class EveryFigure(TestCase):
    @settings(max_examples=10 * THOROUGHNESS, deadline=None)
    @given(hires)
    def test_opens_to_its_rows_and_the_rows_add_up(self, drawn):
        channels = [make.channel(slug) for slug in ("twitter", "blog", "event")]
        teams = [make.team(name) for name in ("Ward", "Crisis")]
        campaigns = [make.campaign(name) for name in ("Autumn", "Winter")]
        for one in drawn:
            make.hire(
                DAY + timedelta(days=one["day"]),
                [(channels[channel], moment(hours)) for channel, hours in dict.fromkeys(one["touches"])],
                stated=None if one["stated"] is None else channels[one["stated"]],
                post=make.vacancy(
                    team=None if one["team"] is None else teams[one["team"]],
                    campaign=None if one["campaign"] is None else campaigns[one["campaign"]],
                ),
                state=one["state"],
            )
        counted = [one for one in drawn if 0 <= one["day"] <= 2 and one["state"] != HireState.REVERSED]
        for model in AttributionModel.values:
            credited = [expected(model, one) for one in counted]
            for by in reports.Grouping.values:
                report = reports.source_of_hire(**PERIOD, model=model, by=by)
                assert report.total == len(counted)
                assert report.not_recorded == credited.count(None)
                self.check(report, model, by)
            by_channel = reports.source_of_hire(**PERIOD, model=model)
            for number, channel in enumerate(channels):
                assert sum(row.hires for row in by_channel.rows if row.key == channel.pk) == credited.count(number)

    def check(self, report, model, by):
        def behind(**chosen):
            return reports.hires_of_figure(**PERIOD, model=model, **chosen).count()

        assert report.total == behind() == sum(row.hires for row in report.rows)
        assert report.recorded == behind(recorded=True)
        assert report.not_recorded == behind(recorded=False)
        assert report.total == report.recorded + report.not_recorded
        assert sum(row.share for row in report.rows) == (1 if report.total else 0)
        for row in report.rows:
            assert row.hires == behind(**{by: row.key}) > 0
            if by != reports.Grouping.CHANNEL:
                assert sum(source.hires for source in row.sources) == row.hires
                for source in row.sources:
                    assert source.hires == behind(**{by: row.key, "channel": source.key}) > 0
