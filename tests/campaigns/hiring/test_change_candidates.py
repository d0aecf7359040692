from __future__ import annotations

from datetime import date

import pytest

from campaigns.hiring import services, signals
from campaigns.hiring.errors import HiringRefused, InvalidHiring
from campaigns.hiring.models import Candidate
from tests.campaigns.hiring import factories as make


@pytest.fixture
def heard():
    """Each announcement of a changed candidate: which fields, and who."""
    found = []

    def listen(sender, candidate, fields, by, **_):
        found.append((candidate.reference, fields, by))

    signals.candidate_changed.connect(listen)
    yield found
    signals.candidate_changed.disconnect(listen)


def test_changes_are_kept_and_announced_by_name_only(hr, heard):
    candidate, blog = make.candidate(reference="T-1"), make.channel("blog")
    services.change_candidate(candidate=candidate, changes={"name": "Ada", "stated_channel": blog}, by=hr)
    found = Candidate.objects.get()
    assert (found.name, found.stated_channel) == ("Ada", blog)
    assert heard == [("T-1", ("name", "stated_channel"), hr)]


def test_the_same_change_twice_is_announced_once(hr, heard):
    candidate = make.candidate()
    for _ in range(2):
        services.change_candidate(candidate=candidate, changes={"name": "Ada", "phone": None}, by=hr)
    assert [fields for _, fields, _ in heard] == [("name",)]


def test_an_emptied_field_is_empty(hr):
    candidate = make.candidate(name="Ada", stated_channel=make.channel("blog"))
    services.change_candidate(candidate=candidate, changes={"name": " ", "stated_channel": None}, by=hr)
    found = Candidate.objects.get()
    assert (found.name, found.stated_channel) == (None, None)


@pytest.mark.parametrize("field", ["stage", "created_by", "id", "nonsense"])
def test_what_has_its_own_verb_or_does_not_exist_is_refused(hr, field):
    with pytest.raises(InvalidHiring) as refused:
        services.change_candidate(candidate=make.candidate(), changes={field: "new"}, by=hr)
    assert (refused.value.code, refused.value.field) == ("unknown_field", field)


def test_another_candidates_reference_is_refused_and_the_row_in_hand_stays_true(hr, heard):
    make.candidate(reference="T-1")
    candidate = make.candidate(reference="T-2")
    with pytest.raises(HiringRefused) as refused:
        services.change_candidate(candidate=candidate, changes={"reference": "T-1"}, by=hr)
    assert refused.value.code == "reference_taken"
    assert candidate.reference == "T-2"
    assert heard == []


def test_an_application_cannot_be_moved_behind_its_acceptance(hr):
    candidate = make.hire(date(2018, 9, 20)).candidate
    services.change_candidate(candidate=candidate, changes={"applied_at": make.london(2018, 9, 20, 23)}, by=hr)
    with pytest.raises(InvalidHiring) as refused:
        services.change_candidate(candidate=candidate, changes={"applied_at": make.london(2018, 9, 21, 0)}, by=hr)
    assert (refused.value.code, refused.value.field) == ("after_acceptance", "applied_at")
