from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from campaigns.hiring import links, services
from campaigns.hiring.errors import HiringRefused, InvalidHiring
from campaigns.hiring.models import Candidate, Stage, TouchKind
from tests import factories
from tests.campaigns.hiring import factories as make

APPLIED = make.london(2018, 9, 3)


def poster_link():
    return links.make_link(
        channel=make.channel("poster"), content=make.vacancy(), page_url="https://promenade.example/v/1"
    )


def test_a_reference_is_enough(hr):
    candidate = services.add_candidate(reference=" T-1001 ", by=hr)
    assert (candidate.reference, candidate.stage, candidate.created_by) == ("T-1001", Stage.NEW, hr)


def test_name_and_contact_are_kept_encrypted(hr):
    services.add_candidate(reference="T-1", name="Ada Nurse", email="ada@home.example", phone="07700 900123", by=hr)
    found = Candidate.objects.get()
    assert (found.name, found.email, found.phone) == ("Ada Nurse", "ada@home.example", "07700 900123")
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, email, phone FROM hiring_candidate")
        stored = " ".join(cursor.fetchone())
    assert not any(word in stored for word in ("Ada", "ada", "0770"))


def test_an_applications_code_becomes_a_touch_of_its_channel_at_the_application(hr):
    link = poster_link()
    candidate = services.add_candidate(reference="T-1", applied_at=APPLIED, link_code=link.code.upper(), by=hr)
    touch = candidate.touches.get()
    assert (touch.channel, touch.link, touch.kind, touch.at) == (link.channel, link, TouchKind.LINK, APPLIED)


def test_a_code_without_an_application_date_is_a_touch_now(hr):
    candidate = services.add_candidate(reference="T-1", link_code=poster_link().code, by=hr)
    assert abs(candidate.touches.get().at - timezone.now()) < timedelta(minutes=1)


def test_what_the_person_states_makes_no_touch(hr):
    candidate = services.add_candidate(reference="T-1", stated_channel=make.channel("blog"), by=hr)
    assert not candidate.touches.exists()


def test_an_unknown_code_is_named_and_nothing_is_kept(hr):
    with pytest.raises(InvalidHiring) as refused:
        services.add_candidate(reference="T-1", link_code="nothere2", by=hr)
    assert (refused.value.code, refused.value.field) == ("unknown_link", "link_code")
    assert not Candidate.objects.exists()


def test_a_known_reference_is_refused(hr):
    services.add_candidate(reference="T-1", by=hr)
    with pytest.raises(HiringRefused) as refused:
        services.add_candidate(reference="T-1", by=hr)
    assert (refused.value.code, refused.value.field) == ("reference_taken", "reference")
    assert Candidate.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reference", ""),
        ("reference", "   "),
        ("reference", "x" * 61),
        ("reference", "T\x001"),
        ("name", "n" * 201),
        ("name", "two\nlines"),
        ("email", "not an address"),
        ("phone", "0" * 41),
        ("applied_at", timezone.now() + timedelta(days=1)),
        ("applied_at", datetime(2018, 9, 3)),
        ("vacancy", "V-1"),
    ],
)
def test_bad_input_is_refused_with_its_field(hr, field, value):
    with pytest.raises(InvalidHiring) as refused:
        services.add_candidate(**{"reference": "T-1", field: value, "by": hr})
    assert refused.value.field == field
    assert not Candidate.objects.exists()


def test_a_refused_name_does_not_spoil_later_reading(hr):
    services.add_candidate(reference="T-1", name="Ada", by=hr)
    with pytest.raises(InvalidHiring):
        services.add_candidate(reference="T-2", name="n" * 201, by=hr)
    assert Candidate.objects.get().name == "Ada"


@pytest.mark.parametrize(
    "name", ["علی\u200cرضا", "Jean\u00a0Pierre", "\u200fדנה\u200e", "O\u2019Brien", "👩🏽\u200d⚕️ Sam"]
)
@pytest.mark.django_db
def test_a_name_is_taken_as_it_is_written(name: str) -> None:
    row = services.add_candidate(reference="R-1", name=name, vacancy=factories.vacancy(), by=None)
    row.refresh_from_db()
    assert row.name == name


@pytest.mark.parametrize("name", ["A\nB", "A\x00B", "A\u2028B", "A\tB", "A\x85B"])
@pytest.mark.django_db
def test_a_name_of_two_lines_is_refused(name: str) -> None:
    with pytest.raises(InvalidHiring, match="on one line"):
        services.add_candidate(reference="R-1", name=name, vacancy=factories.vacancy(), by=None)
