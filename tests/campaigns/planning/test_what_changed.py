"""What was approved is kept, and what changed since is told word by word; an approval counts for what was read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.models import User
from campaigns.bulletins import services as bulletins
from campaigns.planning.differences import Part, Piece, compare_parts, pieces
from campaigns.planning.errors import MoveRefused, NotAllowed
from campaigns.planning.models import Content, Organisation
from campaigns.planning.services import approved_versions, blog_entries, events, publications, vacancies
from campaigns.planning.services import content as contents
from campaigns.planning.services import organisation as organisation_services
from tests import factories
from tests.adapter import Remote
from tests.factories import publishing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def changes(row: Any) -> dict[str, str]:
    """Label of each change: what went in brackets, what came in braces."""
    content = Content.objects.get(pk=row.pk)
    found = approved_versions.changes_since(
        approved_versions.last_version(content), approved_versions.parts_of(content)
    )
    marks = {"same": "{}", "removed": "[{}]", "added": "{{{}}}"}
    return {each.label: "".join(marks[piece.how].format(piece.text) for piece in each.pieces) for each in found}


def test_words_that_changed_stand_among_those_that_did_not() -> None:
    assert pieces("Come to the open day on Monday.", "Come to our open day on Tuesday.") == [
        Piece("same", "Come to "),
        Piece("removed", "the"),
        Piece("added", "our"),
        Piece("same", " open day on "),
        Piece("removed", "Monday"),
        Piece("added", "Tuesday"),
        Piece("same", "."),
    ]


def test_both_sides_can_be_put_together_again() -> None:
    before = "First line.\nThe second, with a nurse’s word.\n\nEnd"
    after = "First line.\nA third and the second, with two nurses’ words.\nEnd of it"
    found = pieces(before, after)
    assert "".join(piece.text for piece in found if piece.how != "added") == before
    assert "".join(piece.text for piece in found if piece.how != "removed") == after


def test_a_text_that_is_wholly_new_is_told_quickly() -> None:
    before, after = "alpha beta " * 9_000, "gamma delta " * 9_000
    assert pieces(before, after) == [Piece("removed", before), Piece("added", after)]


def test_what_came_and_what_went_is_told_as_such() -> None:
    found = compare_parts(
        [Part("a", "A", "one"), Part("b", "B", "two")], [Part("a", "A", "one"), Part("c", "C", "three")]
    )
    assert [(each.label, each.how) for each in found] == [("C", "added"), ("B", "removed")]


def test_what_was_never_approved_has_nothing_to_compare_with() -> None:
    assert changes(factories.in_review(factories.blog_entry())) == {}


def test_a_first_approval_is_kept_and_an_edit_shows_against_it(comms: User) -> None:
    row = factories.approved_blog_entry(title="A day on the ward", body="It begins at seven.")
    assert changes(row) == {}
    blog_entries.change_blog_entry(entry=row, changes={"body": "It begins at eight."}, by=comms)
    assert changes(row) == {"Body": "It begins at [seven]{eight}."}


@pytest.mark.parametrize(
    ("make", "change", "expected"),
    [
        (
            lambda: factories.approved_vacancy(location="Crawley", salary_min_pence=2_800_000),
            lambda row, by: vacancies.change_vacancy(
                vacancy=row, changes={"location": "Horsham", "salary_min_pence": 3_000_000}, by=by
            ),
            {"Location": "[Crawley]{Horsham}", "Lowest salary": "£[28]{30},000.00"},
        ),
        (
            lambda: factories.approved_event(place="The seafront", childcare_offered=False),
            lambda row, by: events.change_event(event=row, changes={"childcare_offered": True}, by=by),
            {"Childcare offered": "[No]{Yes}"},
        ),
        (
            lambda: factories.approved_bulletin(sections=[{"heading": "From the board", "body": "It met on Monday."}]),
            lambda row, by: bulletins.change_bulletin(
                bulletin=row, changes={"sections": [{"heading": "From the board", "body": "It met on Friday."}]}, by=by
            ),
            {"Sections": "From the board\nIt met on [Monday]{Friday}."},
        ),
    ],
    ids=["vacancy", "event", "bulletin"],
)
def test_every_kind_tells_its_own_fields(
    make: Callable[[], Any], change: Callable[[Any, User], Any], expected: dict[str, str], comms: User
) -> None:
    row = make()
    change(row, comms)
    assert changes(row) == expected


def test_texts_for_channels_are_part_of_it(comms: User) -> None:
    row, stall, poster = factories.blog_entry(), factories.channel(name="Stall"), factories.channel(name="Poster")
    first = factories.publication(of=row, on=stall, wording="Come on Monday.")
    factories.publication(of=row, on=stall, wording="Come on Monday.", publish_at=factories.in_days(3))
    factories.approved(row)
    publications.change_publication(publication=first, by=comms, wording="Come on Friday.")
    factories.publication(of=row, on=poster)
    assert changes(row) == {
        "Poster": "{The common text: title and summary.}",
        "Stall": "Come on [Monday]{Friday}.",
    } | {key: value for key, value in changes(row).items() if key == "Stall"}


def test_text_of_a_failed_post_is_part_of_it(remote: Remote, comms: User) -> None:
    stall = publishing.connected(name="Stall")
    post = factories.publication(of=factories.blog_entry(), on=stall, wording="Come on Monday.")
    row = factories.approved(post.content.specific)
    publishing.failed(post)
    publications.change_publication(publication=post, by=comms, wording="Come on Friday.")
    assert changes(row) == {"Stall": "Come on [Monday]{Friday}."}


def test_another_zone_changes_no_time() -> None:
    row = factories.approved_vacancy()
    with timezone.override("Asia/Kolkata"):
        assert changes(row) == {}


def test_the_approvers_own_correction_is_what_was_approved_from_then_on(approver: User) -> None:
    row = factories.approved_blog_entry()
    blog_entries.change_blog_entry(entry=row, changes={"summary": "Corrected."}, by=approver, keep_approval=True)
    assert changes(row) == {}


def test_an_approval_counts_for_what_was_read(comms: User, approver: User) -> None:
    row = factories.in_review(factories.blog_entry())
    seen = approved_versions.digest_of(approved_versions.parts_of(Content.objects.get(pk=row.pk)))
    factories.publication(of=row, wording="Slipped in.")
    with pytest.raises(MoveRefused, match="changed while you were reading") as refusal:
        contents.approve_content(content=row, by=approver, seen=seen)
    assert refusal.value.code == "changed_meanwhile"
    row.refresh_from_db()
    assert row.state == "in_review"
    seen = approved_versions.digest_of(approved_versions.parts_of(Content.objects.get(pk=row.pk)))
    assert contents.approve_content(content=row, by=approver, seen=seen).state == "approved"


def test_two_posts_that_say_the_same_on_one_channel_are_read_once() -> None:
    row, stall, poster = factories.blog_entry(), factories.channel(), factories.channel()
    picture = factories.picture()
    for day, channel, wording, pictures in [
        (1, stall, "Join us.", []),
        (2, stall, " Join us. ", []),
        (3, stall, "Join us.", [picture]),
        (4, stall, "", []),
        (5, poster, "Join us.", []),
    ]:
        at = factories.in_days(day)
        factories.publication(of=row, on=channel, wording=wording, pictures=pictures, publish_at=at)
    to_go = approved_versions.still_to_go(Content.objects.get(pk=row.pk))

    read = approved_versions.distinct_texts(to_go)

    days = [(each.publish_at - timezone.now()).days for each in read]
    assert days == [1, 3, 4, 5]
    parts = [
        part for part in approved_versions.parts_of(Content.objects.get(pk=row.pk)) if part.name.startswith("channel.")
    ]
    assert [part.name for part in parts] == [
        *(f"channel.{stall.pk}.{number}" for number in range(3)),
        f"channel.{poster.pk}.0",
    ]


def test_who_may_approve_is_told_before_and_kept_to(comms: User, approver: User) -> None:
    theirs, own = factories.in_review(factories.blog_entry()), factories.in_review(factories.blog_entry(by=approver))
    may = Content.objects.filter(contents.approvable_by(approver))
    assert [row.pk for row in may] == [theirs.pk]
    assert contents.approval_refusal(theirs, approver) == ""
    assert contents.approval_refusal(own, approver).startswith("You edited this last")
    with pytest.raises(NotAllowed):
        contents.approve_content(content=own, by=approver)

    organisation_services.change_organisation(organisation=Organisation.current(), changes={"approves_own_edits": True})

    assert contents.approval_refusal(own, approver) == ""
    assert set(Content.objects.filter(contents.approvable_by(approver)).values_list("pk", flat=True)) == {
        theirs.pk,
        own.pk,
    }
    contents.approve_content(content=own, by=approver)
