"""What waits is read as it will appear, decided with one press, and only what was read is approved."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import User
from campaigns.planning.models import Content, Organisation
from campaigns.planning.services import blog_entries, vacancies
from tests import factories
from tests.console.compose.composing import website, words, x

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def read(client: Client, approver: User) -> Any:
    client.force_login(approver)
    return lambda row: words(client.get(f"/console/reviews/{row.pk}"))


def seen(page: str) -> str:
    found = re.search(r'name="seen" value="(\w+)"', page)
    assert found
    return found[1]


def test_the_oldest_stands_first_with_what_is_planned(client: Client, approver: User) -> None:
    first = factories.in_review(factories.blog_entry(title="First written"))
    factories.publication(of=first)
    factories.in_review(factories.vacancy(title="Then a vacancy"))
    factories.blog_entry(title="Still a draft")
    client.force_login(approver)
    page = words(client.get("/console/reviews"))
    assert page.index("First written") < page.index("Then a vacancy")
    assert "1 post, first" in page
    assert "Still a draft" not in page


def test_it_is_shown_as_it_will_appear_with_what_changed(read: Any, comms: User) -> None:
    row = factories.approved_blog_entry(body="It begins at seven.")
    site = factories.publication(of=row, on=website())
    factories.publication(of=row, on=x(), wording="A day on the ward.")
    blog_entries.change_blog_entry(entry=row, changes={"body": "It begins at eight."}, by=comms)
    page = read(row)
    assert 'begins at <del><span class="hidden">Removed: </span>seven' in page
    assert 'Added: </span>eight<span class="hidden"> (end) </span></ins>.' in page
    assert "A day on the ward." in page
    assert f'src="/drafts/{row.pk}?publication={site.pk}"' in page


def test_reader_in_another_zone_is_shown_no_change_of_times(read: Any, approver: User, comms: User) -> None:
    row = factories.approved_vacancy(title="Staff nurse")
    vacancies.change_vacancy(vacancy=row, changes={"title": "Senior nurse"}, by=comms)
    assert "Readers see these times" not in read(row)
    User.objects.filter(pk=approver.pk).update(zone="Asia/Kolkata")
    page = read(row)
    changed = page.split('id="changes"')[1].split("</section>")[0]
    assert re.findall(r"<h3>(\w+)", changed) == ["Title"]
    assert "Readers see these times in UK time." in page


def test_after_a_decision_the_next_one_follows(client: Client, read: Any, approver: User) -> None:
    first, _own, last = (
        factories.in_review(factories.blog_entry(title=title, by=who))
        for title, who in [("First", None), ("Own", approver), ("Last", None)]
    )
    answer = client.post(f"/console/reviews/{first.pk}/approve", {"seen": seen(read(first)), "comment": "Good."})
    assert answer.headers["Location"] == f"/console/reviews/{last.pk}"
    answer = client.post(f"/console/reviews/{last.pk}/return", {"comment": "Name the ward."}, follow=True)
    assert "Returned: Last. Nothing else is waiting." in words(answer)
    states = dict(Content.objects.values_list("title", "state"))
    assert states == {"First": "approved", "Own": "in_review", "Last": "returned"}


def test_a_change_meanwhile_is_refused_and_shown_with_the_comment_kept(client: Client, read: Any, comms: User) -> None:
    row = factories.in_review(factories.blog_entry(body="It begins at seven."))
    before = seen(read(row))
    blog_entries.change_blog_entry(entry=row, changes={"body": "It begins at eight."}, by=comms)
    answer = client.post(f"/console/reviews/{row.pk}/approve", {"seen": before, "comment": "Lovely."})
    page = words(answer)
    assert answer.status_code == 409
    assert "This changed while you were reading, so nothing was approved." in page
    assert "Lovely.</textarea>" in page
    assert "It begins at eight." in page
    assert Content.objects.get(pk=row.pk).state == "in_review"
    assert client.post(f"/console/reviews/{row.pk}/approve", {"seen": seen(page)}).status_code == 302


def test_an_approval_without_what_was_seen_counts_for_nothing(client: Client, read: Any) -> None:
    row = factories.in_review(factories.blog_entry())
    assert client.post(f"/console/reviews/{row.pk}/approve").status_code == 409
    assert Content.objects.get(pk=row.pk).state == "in_review"


def test_returning_needs_a_comment(client: Client, read: Any) -> None:
    row = factories.in_review(factories.blog_entry())
    answer = client.post(f"/console/reviews/{row.pk}/return", {"comment": " "})
    assert answer.status_code == 409
    assert "Enter a comment that says what to change." in words(answer)


@pytest.mark.parametrize(
    ("comment", "said"), [("A\x00B", "Null characters are not allowed."), ("x" * 2001, "at most 2000 characters")]
)
@pytest.mark.parametrize("decision", ["approve", "return"])
def test_comment_that_cannot_be_kept_decides_nothing(
    client: Client, read: Any, decision: str, comment: str, said: str
) -> None:
    row = factories.in_review(factories.blog_entry())
    answer = client.post(f"/console/reviews/{row.pk}/{decision}", {"seen": seen(read(row)), "comment": comment})
    assert answer.status_code == 409
    assert said in words(answer)
    row.refresh_from_db()
    assert row.state == "in_review"


def test_who_edited_last_is_told_before_and_not_after(read: Any, client: Client, approver: User) -> None:
    row = factories.in_review(factories.blog_entry(by=approver))
    page = read(row)
    assert "You edited this last, so someone else must approve it. You can still return it." in page
    assert re.search(r'<button class="main" disabled aria-describedby="refusal">Approve', page)
    answer = client.post(f"/console/reviews/{row.pk}/approve", {"seen": seen(page)})
    assert "someone else must approve it" in words(answer)
    Organisation.objects.update(approves_own_edits=True)
    assert "disabled" not in read(row)


def test_a_writer_reads_and_is_told_who_decides(client: Client, comms: User) -> None:
    row = factories.in_review(factories.blog_entry())
    client.force_login(comms)
    page = words(client.get(f"/console/reviews/{row.pk}"))
    assert "Only an approver can approve this." in page
    assert '<button class="main"' not in page
    assert client.post(f"/console/reviews/{row.pk}/approve", {"seen": "x"}).status_code == 403


def test_what_is_decided_already_is_told(read: Any, client: Client) -> None:
    row = factories.approved_blog_entry()
    assert "This is approved, so you do not need to approve it." in read(row)
    assert client.post(f"/console/reviews/{row.pk}/return", {"comment": "x"}).status_code == 409


@pytest.mark.parametrize("kind", ["vacancy", "event", "blog_entry", "bulletin"])
def test_the_page_stays_within_its_queries(client: Client, read: Any, comms: User, kind: str) -> None:
    fields = {"vacancy": {"team": factories.team()}, "event": {"host_team": factories.team()}}.get(kind, {})
    row = factories.approved(getattr(factories, kind)(campaign=factories.campaign(), **fields))
    channel = website() if row.audience == "public" else factories.channel(audience="staff")
    for number in range(4):
        factories.publication(of=row, on=channel, wording=f"Text {number}.", publish_at=factories.in_days(number + 1))
    Organisation.current()  # made on first reading
    with CaptureQueriesContext(connection) as queries:
        assert "Text 3." in read(row)
    assert len(queries) <= 12, "\n".join(query["sql"][:160] for query in queries)


def test_the_list_stays_within_its_queries_and_pages(client: Client, approver: User) -> None:
    for _ in range(31):
        factories.publication(of=factories.in_review(factories.blog_entry()))
    client.force_login(approver)
    with CaptureQueriesContext(connection) as queries:
        page = words(client.get("/console/reviews"))
    assert len(queries) <= 12
    assert "Next page" in page
