from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from campaigns.hiring import visits
from campaigns.hiring.models import VisitSalt
from tests.campaigns.hiring.test_count_visits import new_link, visit

pytestmark = pytest.mark.django_db


def days():
    return sorted(VisitSalt.objects.values_list("day", flat=True))


def test_a_new_days_first_visit_destroys_salts_older_than_the_day_before():
    link = new_link()
    for day in (1, 2, 3):
        visit(link, at=datetime(2018, 10, day, 23, 59, tzinfo=UTC))
    assert days() == [date(2018, 10, 2), date(2018, 10, 3)]


def test_each_day_has_its_own_salt_so_days_cannot_be_joined():
    link = new_link()
    keys = {visit(link, at=datetime(2018, 10, day, 12, tzinfo=UTC)).visitor for day in (1, 2)}
    assert len(keys) == 2
    assert len(set(VisitSalt.objects.values_list("salt", flat=True))) == 2


def test_a_timed_job_destroys_salts_where_no_visit_comes():
    visit(new_link(), at=datetime(2018, 10, 1, 12, tzinfo=UTC))
    assert visits.destroy_old_salts(now=datetime(2018, 10, 2, 23, 59, tzinfo=UTC)) == 0
    assert visits.destroy_old_salts(now=datetime(2018, 10, 3, 0, 0, tzinfo=UTC)) == 1
    assert visits.destroy_old_salts(now=datetime(2018, 10, 3, 0, 0, tzinfo=UTC)) == 0


def test_a_visit_that_needs_no_key_makes_no_salt():
    visit(new_link(), Sec_GPC="1")
    visit(new_link(), method="HEAD")
    assert days() == []
