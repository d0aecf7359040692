"""From nothing to a published post: each step by itself, left and taken up again."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from backend.accounts.models import User
from campaigns.planning.models import BlogEntry, Channel, Organisation, Publication
from campaigns.planning.services import blog_entries, content
from scheduler.connections.models import Connection
from tests import factories
from tests.conftest import NOW
from tests.factories import publishing

FIRST = "/console/first-run"
ALONE = {"name": "Harbour Trust", "approves_own_edits": "True"}
ENTRY = {"title": "Hello from the harbour", "body": "We **open** today."}


@pytest.fixture
def page(client: Client, admin: User, clock: Any) -> Client:
    client.force_login(admin)
    return client


def text(client: Client) -> str:
    return client.get(FIRST).content.decode()


def done(client: Client) -> int:
    return text(client).count('<li class="done"')


def approve(client: Client) -> str:
    """Press Approve on the page as it stands now; the page that follows."""
    (action,) = re.findall(r'action="([^"]*/approve)"', text(client))
    return press(client, action, seen_on(client))


def seen_on(client: Client) -> str:
    (seen,) = re.findall(r'name="seen" value="(\w+)"', text(client))
    return seen


def press(client: Client, action: str, seen: str) -> str:
    return client.post(action, {"seen": seen, "next": FIRST}, follow=True).content.decode()


def entry() -> BlogEntry:
    return BlogEntry.objects.get()


def test_seven_presses_lead_from_nothing_to_a_post_that_waits_to_go_out(page: Client, admin: User) -> None:
    """One to save the name, two channels, the entry, the approval, the publication; and the one that signed in."""
    counts = [done(page)]
    page.post(f"{FIRST}/organisation", ALONE)
    counts.append(done(page))
    for kind in ("blog", "bulletin"):
        page.post(f"{FIRST}/channel", {"kind": kind})
    counts.append(done(page))
    page.post(f"{FIRST}/entry", ENTRY)
    counts.append(done(page))
    approve(page)
    counts.append(done(page))
    page.post(f"{FIRST}/{entry().pk}/publish", {"when": "now"})

    assert counts == [0, 1, 2, 3, 4]
    publication = Publication.objects.get()
    assert (publication.state, publication.publish_at, publication.channel.name) == ("scheduled", NOW, "Our website")
    assert "every 2s" in text(page)


def test_page_that_is_out_is_linked(page: Client) -> None:
    test_seven_presses_lead_from_nothing_to_a_post_that_waits_to_go_out(page, factories.person("admin"))
    address = publishing.sent(Publication.objects.get()).sent_post.url
    assert address.endswith("/blog/hello-from-the-harbour")

    for answer in (page.get(FIRST), page.get(FIRST, headers={"HX-Request": "true"})):
        assert f'href="{address}"' in answer.content.decode()
        assert "every 2s" not in answer.content.decode()
    assert done(page) == 5


def test_fragment_is_not_the_whole_page(page: Client) -> None:
    assert "<html" not in page.get(FIRST, headers={"HX-Request": "true"}).content.decode()


def test_organisation_is_named_and_can_be_changed_later(page: Client) -> None:
    page.post(f"{FIRST}/organisation", ALONE)
    assert Organisation.current().approves_own_edits
    page.post(f"{FIRST}/organisation", {"name": "Harbour", "approves_own_edits": "False"})
    assert (Organisation.current().name, Organisation.current().approves_own_edits) == ("Harbour", False)


@pytest.mark.parametrize("wrong", [{"name": ""}, {"approves_own_edits": ""}, {"approves_own_edits": "perhaps"}])
def test_organisation_without_a_name_or_a_choice_is_refused(page: Client, wrong: dict) -> None:
    answer = page.post(f"{FIRST}/organisation", ALONE | wrong).content.decode()

    assert "There is a problem" in answer
    assert Organisation.current().name == "Our organisation"


def test_channel_is_connected_once_however_often_one_presses(page: Client) -> None:
    for _ in range(2):
        assert page.post(f"{FIRST}/channel", {"kind": "bulletin"}).status_code == 302

    assert Connection.objects.get().kind == "bulletin"
    assert Channel.objects.get().audience == "staff"


def test_unknown_channel_is_refused(page: Client) -> None:
    assert page.post(f"{FIRST}/channel", {"kind": "x"}).status_code == 400
    assert not Channel.objects.exists()


@pytest.mark.parametrize("wrong", [{"title": ""}, {"body": ""}, {"body": "   "}])
def test_entry_that_says_nothing_is_refused_and_what_was_typed_is_kept(page: Client, wrong: dict) -> None:
    answer = page.post(f"{FIRST}/entry", ENTRY | wrong).content.decode()

    assert "There is a problem" in answer
    assert ("Hello from the harbour" in answer) is ("title" not in wrong)
    assert not BlogEntry.objects.exists()


def test_somebody_else_approves_where_one_does_not_work_alone(page: Client, approver: User) -> None:
    page.post(f"{FIRST}/entry", ENTRY)
    assert "someone else must approve it" in text(page)

    answer = page.post(f"{FIRST}/{entry().pk}/approve", {"next": FIRST}, follow=True)

    assert answer.redirect_chain == [(FIRST, 302)]
    assert "someone else must approve it" in answer.content.decode()
    assert entry().state == "draft"
    content.submit_content(content=entry().base, by=factories.person("admin"))
    content.approve_content(content=entry().base, by=approver)
    assert "Only approved content is published" in text(page)


def test_only_what_stood_on_the_page_is_approved(page: Client, comms: User) -> None:
    page.post(f"{FIRST}/organisation", ALONE)
    page.post(f"{FIRST}/entry", ENTRY)
    assert ENTRY["body"] in text(page)
    action, seen = f"{FIRST}/{entry().pk}/approve", seen_on(page)
    blog_entries.change_blog_entry(entry=entry(), changes={"body": "We close for ever."}, by=comms)

    for read in (seen, ""):
        assert "nothing was approved" in press(page, action, read)
        assert entry().state == "draft"
    assert "We close for ever." in text(page)
    approve(page)
    assert entry().state == "approved"


def test_other_content_is_neither_approved_nor_published_here(page: Client) -> None:
    page.post(f"{FIRST}/organisation", ALONE)
    page.post(f"{FIRST}/channel", {"kind": "blog"})
    page.post(f"{FIRST}/entry", ENTRY)
    other = factories.vacancy()

    assert page.post(f"{FIRST}/{other.pk}/approve", {"seen": seen_on(page)}).status_code == 404
    assert page.post(f"{FIRST}/{other.pk}/publish", {"when": "now"}).status_code == 404
    assert not Publication.objects.exists()


def test_entry_is_published_at_a_time_on_the_readers_clock(page: Client, admin: User) -> None:
    User.objects.filter(pk=admin.pk).update(zone="Europe/Paris")
    page.post(f"{FIRST}/channel", {"kind": "blog"})
    page.post(f"{FIRST}/entry", ENTRY)

    page.post(f"{FIRST}/{entry().pk}/publish", {"when": "at", "at": "2026-03-03T09:00"})

    publication = Publication.objects.get()
    assert publication.publish_at == NOW + timedelta(hours=23)
    assert "tomorrow 09:00" in text(page)
    assert "as soon as it is approved" in text(page)


@pytest.mark.parametrize(
    "wrong",
    [{"when": "at"}, {"when": "at", "at": "2020-01-01T09:00"}, {"when": "at", "at": "soon"}, {"when": "never"}, {}],
)
def test_time_that_cannot_be_is_refused(page: Client, wrong: dict) -> None:
    page.post(f"{FIRST}/channel", {"kind": "blog"})
    page.post(f"{FIRST}/entry", ENTRY)

    answer = page.post(f"{FIRST}/{entry().pk}/publish", wrong).content.decode()

    assert "There is a problem" in answer
    assert not Publication.objects.exists()


def test_nothing_is_published_without_a_website(page: Client) -> None:
    page.post(f"{FIRST}/entry", ENTRY)

    answer = page.post(f"{FIRST}/{entry().pk}/publish", {"when": "now"}, follow=True)

    assert "Connect your website first" in answer.content.decode()
    assert not Publication.objects.exists()


def test_what_is_late_says_so(page: Client, clock: Any) -> None:
    test_seven_presses_lead_from_nothing_to_a_post_that_waits_to_go_out(page, factories.person("admin"))
    clock.shift(timedelta(minutes=2))

    assert "It should have been published" in text(page)


def test_page_costs_few_queries(page: Client, django_assert_max_num_queries: Any) -> None:
    test_seven_presses_lead_from_nothing_to_a_post_that_waits_to_go_out(page, factories.person("admin"))
    with django_assert_max_num_queries(12):
        page.get(FIRST)
