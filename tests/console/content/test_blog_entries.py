"""The blog in the console: writing, changing what is approved, and two people at one entry."""

from __future__ import annotations

import re
from typing import Any

import pytest

from backend.accounts.models import User
from campaigns.planning.models import BlogEntry
from campaigns.planning.services import content as contents
from tests import factories
from tests.console.speaking import Console

pytestmark = pytest.mark.django_db
FORM = {"title": "Why I came back", "body": "It begins with *handover*.", "audience": "public"}


@pytest.fixture(autouse=True)
def _files(tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def opened(speaks: Console, row: BlogEntry, **typed: Any) -> dict[str, Any]:
    """The form as it was opened, with this typed into it."""
    seen = re.search(r'name="seen" value="([^"]*)"', speaks.see(f"/blog-entries/{row.pk}/change"))
    assert seen
    kept = {"title": row.title, "body": row.body, "audience": row.audience, "slug": row.slug}
    return {**kept, "seen": seen[1], **typed}


def test_entry_is_written_with_all_that_it_takes(comms: User) -> None:
    campaign, picture = factories.campaign(), factories.picture()
    form = FORM | {"summary": "A nurse.", "author_line": "Maya", "tags": "nursing, #Crawley", "slug": "came-back"}

    status, said = Console(comms).send("/blog-entries/new", **form, campaign=campaign.pk, picture=picture.pk)

    row = BlogEntry.objects.get()
    assert (status, said) == (302, "Saved as a draft. Choose channels when it is ready.")
    assert (row.body, row.author_line, row.summary) == ("It begins with *handover*.", "Maya", "A nurse.")
    assert (row.tags, row.slug, row.campaign, row.picture) == (["nursing", "Crawley"], "came-back", campaign, picture)
    assert (row.state, row.created_by) == ("draft", comms)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": ""}, "Enter a title."),
        ({"body": " \n "}, "Enter some text."),
        ({"slug": "No spaces"}, "Enter a valid “slug”"),
        ({"slug": "taken"}, "Another item of this kind already uses this web address ending"),
        ({"tags": "x" * 61}, "has more than 60 characters"),
        ({"title": "null\0"}, "Null characters are not allowed"),
        ({"picture": "999"}, "Select a valid choice"),
    ],
)
def test_what_is_refused_is_said_and_what_was_typed_is_kept(comms: User, wrong: dict[str, str], said: str) -> None:
    factories.blog_entry(slug="taken")

    status, page = Console(comms).send("/blog-entries/new", **FORM | {"author_line": "Maya Lindqvist"} | wrong)

    assert (status, "There is a problem" in page) == (200, True)
    assert said in page
    assert 'value="Maya Lindqvist"' in page
    assert BlogEntry.objects.count() == 1


def test_change_of_what_is_approved_goes_back_for_approval(comms: User) -> None:
    row = factories.approved_blog_entry()
    speaks = Console(comms)
    assert "If you change it, it needs approval again" in speaks.see(f"/blog-entries/{row.pk}/change")

    _, said = speaks.send(
        f"/blog-entries/{row.pk}/change", **opened(speaks, row, body="Corrected.", keep_approval="on")
    )

    row.refresh_from_db()
    assert (row.body, row.state) == ("Corrected.", "in_review")
    assert "it now needs approval again" in said


def test_saving_what_nobody_changed_takes_no_approval_away(comms: User) -> None:
    row = factories.approved_blog_entry(body="Two\r\nlines.", tags=["tea, with milk"])
    speaks = Console(comms)

    speaks.send(f"/blog-entries/{row.pk}/change", **opened(speaks, row, tags="tea, with milk"))

    row.refresh_from_db()
    assert (row.body, row.tags, row.state) == ("Two\r\nlines.", ["tea, with milk"], "approved")


def test_who_approved_it_may_correct_it_and_keep_the_approval() -> None:
    row = factories.approved_blog_entry()
    speaks = Console(factories.person("approver"))

    speaks.send(f"/blog-entries/{row.pk}/change", **opened(speaks, row, body="Corrected.", keep_approval="on"))

    row.refresh_from_db()
    assert (row.body, row.state) == ("Corrected.", "approved")


def test_what_is_archived_is_not_changed(comms: User) -> None:
    row = factories.approved_blog_entry()
    contents.withdraw_content(content=row.base, by=comms)
    contents.archive_content(content=row.base, by=comms)
    speaks = Console(comms)

    _, page = speaks.send(f"/blog-entries/{row.pk}/change", **opened(speaks, row, body="New."))

    assert "You cannot change archived content" in page
    assert "New.</textarea>" in page
    assert BlogEntry.objects.get().body == row.body


def test_second_of_two_people_reads_what_the_first_wrote_and_keeps_their_own(comms: User) -> None:
    row = factories.blog_entry()
    first, second = Console(comms), Console(factories.person("approver"))
    mine = opened(second, row, body="By the second.")
    first.send(f"/blog-entries/{row.pk}/change", **opened(first, row, body="By the first."))

    _, page = second.send(f"/blog-entries/{row.pk}/change", **mine)

    assert "Someone changed this while you had it open" in page
    assert "Text: By the first." in page
    assert "By the second.</textarea>" in page
    assert BlogEntry.objects.get().body == "By the first."
    again = re.search(r'name="seen" value="([^"]*)"', page)
    assert again
    second.send(f"/blog-entries/{row.pk}/change", **mine | {"seen": again[1]})
    assert BlogEntry.objects.get().body == "By the second."


def test_text_that_a_browser_kept_is_shown_again_and_not_saved(comms: User) -> None:
    row = factories.blog_entry()
    old = opened(Console(comms), row, title="", body="Kept in my browser.", do="retype")
    row.title = "Meanwhile"
    row.save()

    for address in (f"/blog-entries/{row.pk}/change", "/blog-entries/new"):
        _, page = Console(comms).send(address, **old)
        assert "Kept in my browser.</textarea>" in page
        assert "data-unsaved" in page
        assert "There is a problem" not in page
    assert f'name="seen" value="{old["seen"]}"' in Console(comms).send(f"/blog-entries/{row.pk}/change", **old)[1]
    assert BlogEntry.objects.get().body == row.body
