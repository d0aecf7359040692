"""What a planned post says is changed on its own page, seen as it will look, and approved anew."""

from __future__ import annotations

import re
from typing import Any

import pytest

from backend.accounts.models import User
from campaigns.planning.models import Channel, Publication
from campaigns.planning.services import content, publications
from scheduler.connections import services as connections
from tests import factories
from tests.adapter import Remote
from tests.console.speaking import Console
from tests.factories import publishing

pytestmark = pytest.mark.django_db


def noticeboard(limit: int | None = None) -> Channel:
    row = factories.channel(name="Noticeboard", category="staff_tool")
    connections.connect_channel(channel=row, kind="share-kit", settings={"limit": limit}, secrets={})
    return row


def planned(**fields: Any) -> Publication:
    row = factories.publication(of=factories.blog_entry(title="A day on the ward"), **fields)
    factories.approved(row.content.specific)
    return row


def form_of(page: str, **typed: Any) -> dict[str, Any]:
    """The form as it was opened, with what is typed."""
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    return {"seen": seen[1], "wording": "", "late_rule": "publish", "late_after_minutes": 60} | typed


def changed(who: User, row: Publication, **typed: Any) -> tuple[int, str]:
    speaks, address = Console(who), f"/publications/{row.pk}/change"
    return speaks.send(address, **form_of(speaks.see(address), **typed))


def test_author_mends_a_returned_post_and_it_is_approved_as_it_says_then(comms: User, approver: User) -> None:
    entry, board = factories.blog_entry(), noticeboard()
    row = factories.publication(of=entry, on=board, wording="Much too long for a board.")
    content.return_content(content=factories.in_review(entry), by=approver, comment="Shorten the board's text.")
    speaks = Console(comms)
    link = f'href="/console/publications/{row.pk}/change?next=/console/compose/{entry.pk}"'
    assert link in speaks.see(f"/compose/{entry.pk}")

    status, said = changed(comms, row, wording="Short.", next=f"/console/compose/{entry.pk}")

    assert status == 302
    assert said.endswith("on Noticeboard: Saved.")
    factories.in_review(entry)
    page = Console(approver).see(f"/reviews/{entry.pk}")
    assert "Short." in page
    assert f'href="/console/publications/{row.pk}/change?next=/console/reviews/{entry.pk}"' in page


def test_another_text_and_other_pictures_go_back_for_approval(comms: User) -> None:
    row, first, second = planned(on=noticeboard()), factories.picture(), factories.picture()

    _, said = changed(comms, row, wording="Come on Friday.", pictures=[second.pk, first.pk])

    row.refresh_from_db()
    assert (row.wording, row.content.state) == ("Come on Friday.", "in_review")
    assert [placed.picture for placed in row.placed_pictures.all()] == [second, first]
    assert "It was approved, so it now needs approval again." in said


def test_lateness_rule_alone_keeps_the_approval(comms: User) -> None:
    row = planned(wording="Come on\r\nFriday.", pictures=[factories.picture()])
    kept = [placed.picture_id for placed in row.placed_pictures.all()]

    changed(comms, row, wording="Come on\r\nFriday.", pictures=kept, late_rule="cancel", late_after_minutes=15)

    row.refresh_from_db()
    assert (row.late_rule, row.late_after_minutes, row.content.state) == ("cancel", 15, "approved")


def test_text_that_does_not_fit_is_kept_and_said(comms: User) -> None:
    row = planned(on=noticeboard(limit=100))

    _, said = changed(comms, row, wording="long " * 30)

    assert said.startswith("Saved, but it cannot be published yet: ")
    assert "Shorten the text." in Console(comms).see(f"/publications/{row.pk}/change")


def test_page_shows_the_post_as_it_will_look_with_its_count(comms: User) -> None:
    row = planned(on=noticeboard(limit=400), wording="Come on Friday.")

    page = Console(comms).see(f"/publications/{row.pk}/change")

    assert "Current preview" in page
    assert "of 400 characters" in page
    assert "This is approved. If you change the text or pictures, it needs approval again" in page


def test_change_made_meanwhile_is_said_in_words_and_replaced_knowingly(comms: User, approver: User) -> None:
    row, theirs = planned(on=noticeboard()), factories.picture(alt_text="The pier at dusk.")
    speaks, address = Console(comms), f"/publications/{row.pk}/change"
    form = form_of(speaks.see(address), wording="Mine.")
    publications.change_publication(publication=row, by=approver, wording="Theirs.", pictures=[theirs])

    status, page = speaks.send(address, **form)

    row.refresh_from_db()
    assert (status, row.wording) == (422, "Theirs.")
    assert "Theirs: Text: Theirs.; Pictures: The pier at dusk.. Save again to replace theirs." in page
    assert speaks.send(address, **form_of(page, wording="Mine."))[0] == 302
    row.refresh_from_db()
    assert row.wording == "Mine."


def test_failed_post_is_mended_and_tried_again_once_it_is_approved(remote: Remote, comms: User, approver: User) -> None:
    row = publishing.failed(why="Too many links.")
    assert f'href="/console/publications/{row.pk}/change' in Console(comms).see(f"/publications/{row.pk}")

    changed(comms, row, wording="Without a link.")

    row.refresh_from_db()
    assert (row.state, row.needs_person, row.content.state) == ("failed", True, "in_review")
    assert "Without a link." in Console(approver).see(f"/reviews/{row.content_id}")


def test_what_has_gone_out_stays_as_it_is(remote: Remote, comms: User) -> None:
    row = publishing.post()
    speaks, address = Console(comms), f"/publications/{row.pk}/change"
    form = form_of(speaks.see(address), wording="Too late.")
    publishing.sent(row)

    status, page = speaks.send(address, **form)

    assert status == 422
    assert "You cannot change this post. Its status is “Sent”." in page
    row.refresh_from_db()
    assert row.wording == ""


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"wording": "A\x00B"}, "Null characters are not allowed."),
        ({"wording": "x" * 50_001}, "at most 50000 characters"),
        ({"late_after_minutes": "soon"}, "Enter a whole number."),
        ({"late_rule": "shrug"}, "Select a valid choice."),
    ],
)
def test_bad_input_is_said_beside_its_field_and_kept(comms: User, typed: dict[str, Any], said: str) -> None:
    row = planned()

    status, page = changed(comms, row, **typed)

    assert status == 422
    assert said in page
    row.refresh_from_db()
    assert (row.wording, row.late_rule) == ("", "publish")


def test_too_many_pictures_are_refused(comms: User) -> None:
    row = planned()
    status, page = changed(comms, row, pictures=[factories.picture().pk for _ in range(5)])
    assert status == 422
    assert "A post can have up to 4 pictures." in page


def test_picture_comes_back_from_the_library_chosen(comms: User) -> None:
    row, picture = planned(on=noticeboard()), factories.picture(alt_text="The pier at dusk.")
    speaks, address = Console(comms), f"/publications/{row.pk}/change"

    answer = speaks.client.post(
        f"/console{address}", form_of(speaks.see(address), wording="Come.", do="pictures", next="/console/plan")
    )

    library = speaks.client.get(answer.headers["Location"]).content.decode()
    back = re.search(rf'href="/console({address}[^"]*picture={picture.pk})"', library)
    assert back is not None
    page = speaks.see(back[1].replace("&amp;", "&"))
    assert f'value="{picture.pk}" checked' in page
    assert 'name="next" value="/console/plan"' in page


@pytest.mark.parametrize("role", ["reader", "hr"])
def test_others_change_nothing(role: str) -> None:
    row = planned()
    speaks = Console(factories.person(role))
    speaks.see(f"/publications/{row.pk}/change", status=403)
    assert speaks.send(f"/publications/{row.pk}/change", wording="No.")[0] == 403
