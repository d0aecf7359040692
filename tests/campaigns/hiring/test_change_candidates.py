from __future__ import annotations

from datetime import date

import pytest

from campaigns.hiring import services
from campaigns.hiring.errors import HiringRefused, InvalidHiring
from campaigns.hiring.models import Candidate
from tests.campaigns.hiring import factories as make


def test_changes_are_kept(hr):
    candidate, blog = make.candidate(reference="T-1"), make.channel("blog")
    services.change_candidate(candidate=candidate, changes={"name": "Ada", "stated_channel": blog})
    found = Candidate.objects.get()
    assert (found.name, found.stated_channel) == ("Ada", blog)


def test_an_emptied_field_is_empty(hr):
    candidate = make.candidate(name="Ada", stated_channel=make.channel("blog"))
    services.change_candidate(candidate=candidate, changes={"name": " ", "stated_channel": None})
    found = Candidate.objects.get()
    assert (found.name, found.stated_channel) == (None, None)


@pytest.mark.parametrize("field", ["stage", "created_by", "id", "nonsense"])
def test_what_has_its_own_verb_or_does_not_exist_is_refused(hr, field):
    with pytest.raises(InvalidHiring) as refused:
        services.change_candidate(candidate=make.candidate(), changes={field: "new"})
    assert (refused.value.code, refused.value.field) == ("unknown_field", field)


def test_another_candidates_reference_is_refused_and_the_row_in_hand_stays_true(hr):
    make.candidate(reference="T-1")
    candidate = make.candidate(reference="T-2")
    with pytest.raises(HiringRefused) as refused:
        services.change_candidate(candidate=candidate, changes={"reference": "T-1"})
    assert refused.value.code == "reference_taken"
    assert candidate.reference == "T-2"


def test_an_application_cannot_be_moved_behind_its_acceptance(hr):
    candidate = make.hire(date(2018, 9, 20)).candidate
    services.change_candidate(candidate=candidate, changes={"applied_at": make.london(2018, 9, 20, 23)})
    with pytest.raises(InvalidHiring) as refused:
        services.change_candidate(candidate=candidate, changes={"applied_at": make.london(2018, 9, 21, 0)})
    assert (refused.value.code, refused.value.field) == ("after_acceptance", "applied_at")
