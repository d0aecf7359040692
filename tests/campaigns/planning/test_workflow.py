"""From draft to approved and on: who may, from where, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from backend.accounts.models import User
from campaigns.planning import states
from campaigns.planning.errors import InvalidPlan, MoveRefused, NotAllowed
from campaigns.planning.models import BlogEntry, Content, ContentMove, ContentState, Organisation
from campaigns.planning.services import content, publications
from campaigns.planning.services import organisation as organisation_services
from tests import factories


def test_each_step_is_kept_with_who_and_why(comms: User, approver: User) -> None:
    entry = factories.blog_entry(by=comms)
    content.submit_content(content=entry, by=comms)
    content.return_content(content=entry, by=approver, comment="Name the ward.")
    content.submit_content(content=entry, by=comms, comment="Named it.")
    content.approve_content(content=entry, by=approver)

    steps = ContentMove.objects.values_list("from_state", "to_state", "comment", "by__name")
    assert list(steps) == [
        ("draft", "in_review", "", comms.name),
        ("in_review", "returned", "Name the ward.", approver.name),
        ("returned", "in_review", "Named it.", comms.name),
        ("in_review", "approved", "", approver.name),
    ]


def test_nobody_approves_what_they_last_edited(approver: User) -> None:
    entry = factories.in_review(factories.blog_entry(by=approver))

    with pytest.raises(NotAllowed, match="someone else"):
        content.approve_content(content=entry, by=approver)


def test_an_edit_by_the_approver_takes_the_right_to_approve_away(comms: User, approver: User) -> None:
    entry = factories.in_review(factories.blog_entry(by=comms))
    content.apply_changes(entry, {"title": "Better title"}, by=approver)

    with pytest.raises(NotAllowed):
        content.approve_content(content=entry, by=approver)


def test_the_organisation_may_allow_approving_own_edits(approver: User) -> None:
    organisation_services.change_organisation(organisation=Organisation.current(), changes={"approves_own_edits": True})
    entry = factories.in_review(factories.blog_entry(by=approver))

    assert content.approve_content(content=entry, by=approver).state == "approved"


def test_an_edit_sends_approved_content_back_to_review(comms: User) -> None:
    entry = factories.approved_blog_entry()

    assert content.apply_changes(entry, {"title": "Another"}, by=comms).state == "in_review"


def test_an_edit_that_changes_nothing_keeps_the_approval(comms: User) -> None:
    entry = factories.approved_blog_entry()

    assert content.apply_changes(entry, {"title": entry.title}, by=comms).state == "approved"


def test_whoever_approved_it_may_correct_it_and_keep_the_approval(comms: User, approver: User) -> None:
    entry = factories.approved_blog_entry()

    kept = content.apply_changes(entry, {"title": "Corrected"}, by=approver, keep_approval=True)
    assert (kept.state, kept.title) == ("approved", "Corrected")
    with pytest.raises(NotAllowed):
        content.apply_changes(entry, {"title": "Mine"}, by=comms, keep_approval=True)


def test_returning_without_a_comment_is_refused(approver: User) -> None:
    entry = factories.in_review(factories.blog_entry())

    with pytest.raises(InvalidPlan, match="what to change"):
        content.return_content(content=entry, by=approver, comment="  ")


@pytest.mark.parametrize("origin", ContentState.values)
@pytest.mark.parametrize(
    ("move", "to"),
    [
        (content.submit_content, "in_review"),
        (content.approve_content, "approved"),
        (content.return_content, "returned"),
        (content.withdraw_content, "withdrawn"),
        (content.archive_content, "archived"),
    ],
)
def test_only_moves_of_the_table_are_made(admin: User, origin: str, move: Callable[..., Content], to: str) -> None:
    made = factories.IN_STATE[origin](factories.blog_entry())
    entry: Content = Content.objects.get(pk=made.pk)
    more: dict[str, Any] = {"comment": "Because."}

    if to in states.CONTENT_MOVES[origin]:
        assert move(content=entry, by=admin, **more).state == to
    else:
        with pytest.raises(MoveRefused):
            move(content=entry, by=admin, **more)
        entry.refresh_from_db()
        assert entry.state == origin


def test_the_slower_of_two_moves_is_refused(comms: User, approver: User) -> None:
    entry = factories.in_review(factories.blog_entry())
    stale = BlogEntry.objects.get(pk=entry.pk)
    content.return_content(content=entry, by=approver, comment="Shorter, please.")

    with pytest.raises(MoveRefused, match="Someone else"):
        content.withdraw_content(content=stale, by=comms)


def test_archived_content_is_not_changed_any_more(comms: User) -> None:
    entry = factories.approved_blog_entry()
    content.archive_content(content=entry, by=comms)

    with pytest.raises(MoveRefused, match="archived content"):
        content.apply_changes(entry, {"title": "Late"}, by=comms)


def test_new_wording_for_a_channel_needs_approval_too(comms: User) -> None:
    entry = factories.approved_blog_entry()
    publication = factories.publication(of=entry)
    entry.refresh_from_db()
    assert entry.state == "approved"

    publications.change_publication(publication=publication, wording="Something else", by=comms)

    entry.refresh_from_db()
    assert (entry.state, entry.edited_by_id) == ("in_review", comms.pk)


def test_scheduling_with_wording_of_its_own_needs_approval_too(comms: User) -> None:
    entry = factories.approved_blog_entry()

    factories.publication(of=entry, by=comms, wording="Never seen by an approver")

    entry.refresh_from_db()
    assert entry.state == "in_review"


def test_withdrawing_cancels_what_waits_and_says_why(comms: User) -> None:
    entry = factories.approved_blog_entry()
    publication = factories.publication(of=entry)

    content.withdraw_content(content=entry, by=comms)

    publication.refresh_from_db()
    assert (publication.state, publication.reason) == ("cancelled", "The content was withdrawn.")
