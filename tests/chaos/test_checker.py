"""The checker finds each way in which "effectively once" can break, and nothing where it holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.chaos.checker import Accepted, Evidence, Post, Try, judge

NOW = 1_800_000_000.0
DUE = NOW - 100


def post(number: int, **changes: object) -> Post:
    sent = Post(
        id=number,
        title=f"Post {number} of the test",
        state="sent",
        publish_at=DUE,
        due_at=DUE,
        link=f"link{number}",
        remote_id=f"remote{number}",
    )
    return replace(sent, **changes)  # type: ignore[arg-type]


def accepted(number: int, at: float = DUE + 1, **changes: object) -> Accepted:
    text = f"Post {number} of the test\n\nhttp://127.0.0.1:8000/r/link{number}"
    return replace(Accepted(f"remote{number}", text, at), **changes)  # type: ignore[arg-type]


@pytest.fixture
def good() -> Evidence:
    """Three publications, each out once, as it should be."""
    numbers = (1, 2, 3)
    return Evidence(
        posts=[post(number) for number in numbers],
        accepted=[accepted(number) for number in numbers],
        tries=[Try(number, DUE + 0.5) for number in numbers],
        checked_at=NOW,
        calm_until=NOW,
    )


def kinds(evidence: Evidence) -> set[tuple[str, int | None]]:
    return {(breach.kind, breach.publication) for breach in judge(evidence).breaches}


def with_post(evidence: Evidence, number: int, **changes: object) -> Evidence:
    return replace(
        evidence,
        posts=[post(number, **changes) if found.id == number else found for found in evidence.posts],
    )


def without_accepted(evidence: Evidence, number: int) -> Evidence:
    return replace(evidence, accepted=[found for found in evidence.accepted if found != accepted(number)])


def test_nothing_is_found_where_all_went_out_once(good: Evidence) -> None:
    verdict = judge(good)

    assert verdict.holds
    assert verdict.in_words() == "3 once, 0 twice, 0 lost, 0 asked a person"


def test_a_doubled_post_is_found_by_its_link(good: Evidence) -> None:
    again = accepted(2, at=DUE + 5, remote_id="remote9", text="Other words, http://127.0.0.1:8000/r/link2")
    tries = [*good.tries, Try(2, DUE + 4)]

    verdict = judge(replace(good, accepted=[*good.accepted, again], tries=tries))

    assert verdict.fates[2] == "twice"
    assert [(breach.kind, breach.publication) for breach in verdict.breaches] == [("doubled", 2)]


def test_a_doubled_post_is_found_by_its_text_where_the_link_is_lost(good: Evidence) -> None:
    again = accepted(2, at=DUE + 5, text="Post 2 of the test\n\nwithout its link")

    assert ("doubled", 2) in kinds(replace(good, accepted=[*good.accepted, again]))


def test_a_lost_post_is_found(good: Evidence) -> None:
    verdict = judge(without_accepted(good, 1))

    assert verdict.fates[1] == "lost"
    assert [(breach.kind, breach.publication) for breach in verdict.breaches] == [("lost", 1)]


@pytest.mark.parametrize("changes", [{"state": "failed"}, {"state": "held"}, {"state": "cancelled"}])
def test_a_post_that_is_not_out_is_right_where_a_person_was_asked(good: Evidence, changes: dict[str, object]) -> None:
    verdict = judge(with_post(without_accepted(good, 1), 1, remote_id="", **changes))

    assert verdict.holds
    assert verdict.fates[1] == "asked a person"


def test_an_unknown_post_that_a_person_looks_at_is_right(good: Evidence) -> None:
    assert judge(with_post(good, 1, state="unknown", needs_person=True, remote_id="")).holds


def test_a_post_that_is_out_while_the_house_denies_it_is_found(good: Evidence) -> None:
    assert kinds(with_post(good, 3, state="failed", needs_person=True)) == {("denied", 3)}


def test_a_wrong_remote_id_is_found(good: Evidence) -> None:
    assert kinds(with_post(good, 3, remote_id="remote1")) == {("wrong_id", 3)}


def test_a_post_without_an_attempt_is_found(good: Evidence) -> None:
    assert ("unrecorded", 2) in kinds(replace(good, tries=[row for row in good.tries if row.publication != 2]))


def test_an_attempt_that_was_written_after_the_post_does_not_count(good: Evidence) -> None:
    late = [replace(row, started_at=DUE + 1.5) if row.publication == 2 else row for row in good.tries]

    assert kinds(replace(good, tries=late)) == {("unrecorded", 2)}


def test_a_post_of_nobody_is_found(good: Evidence) -> None:
    stray = Accepted("remote7", "Post 7 of the test", DUE)

    assert kinds(replace(good, accepted=[*good.accepted, stray])) == {("stranger", None)}


def test_a_post_that_was_offered_again_is_found_though_the_channel_refused_it(good: Evidence) -> None:
    assert kinds(replace(good, repeats=[accepted(1).text])) == {("repeated", 1)}


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "scheduled"},
        {"state": "scheduled", "lease_until": NOW - 30},
        {"state": "sending", "lease_until": NOW - 30},
        {"state": "sending", "lease_until": None},
        {"state": "unknown"},
        {"state": "unknown", "due_at": NOW + 86_400},
    ],
)
def test_a_stuck_publication_is_found(good: Evidence, changes: dict[str, object]) -> None:
    assert ("stuck", 1) in kinds(with_post(good, 1, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "sending", "lease_until": NOW + 1},
        {"state": "unknown", "due_at": NOW + 1},
        {"state": "scheduled", "lease_until": NOW - 1},
    ],
)
def test_a_publication_that_is_on_its_way_is_not_stuck(good: Evidence, changes: dict[str, object]) -> None:
    assert judge(with_post(good, 1, **changes)).holds


def test_lateness_without_faults_is_found(good: Evidence) -> None:
    late = [Try(1, DUE + 2.5), *good.tries[1:]]

    assert ("late", None) in kinds(replace(good, tries=late))
    assert ("late", None) not in kinds(replace(good, tries=late, calm_until=DUE - 1))
