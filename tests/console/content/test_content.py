"""The page of one content: what it says, where it stands, what may be done, where it goes and what became of it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import Role, User
from campaigns.hiring import links
from campaigns.hiring.models import Visit
from campaigns.planning.models import Content, ContentMove, Organisation, Vacancy
from campaigns.planning.services import content, events
from tests import factories
from tests.adapter import Remote
from tests.console.speaking import Console
from tests.factories import publishing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def head(page: str) -> str:
    return page.split('<div class="page-head">')[1].split("<nav aria-label")[0]


def main_button(page: str) -> str:
    found = re.findall(r'class="button main"[^>]*>(?:<svg.*?</svg>)?([^<]+)</a>', head(page))
    assert len(found) <= 1
    return found[0] if found else ""


def test_vacancy_is_told_as_readers_will_read_it(manager: User) -> None:
    row = factories.vacancy(
        body="We *care*.\n\n<script>alert(1)</script>",
        summary="Come and nurse with us.",
        team_id=factories.team(name="Coral ward").pk,
        salary_min_pence=2996900,
        values_statement="Kindness counts.",
    )
    page = Console(manager).see(f"/content/{row.pk}")

    for told in ("Coral ward", "£29,969 a year", "We <em>care</em>.", "Kindness counts.", "Come and nurse with us."):
        assert told in page
    assert f'<a href="{row.apply_url}" rel="noreferrer">' in page
    assert b"<script>alert" not in Console(manager).client.get(f"/console/content/{row.pk}").content


@pytest.mark.parametrize("make", [factories.event, factories.vacancy, factories.blog_entry, factories.bulletin])
@pytest.mark.parametrize("role", list(Role))
def test_every_kind_opens_for_every_role(make, role: str) -> None:
    row = make()
    page = Console(factories.person(role)).see(f"/content/{row.pk}")
    assert f"<h1>{row.title}</h1>" in page
    assert "Not scheduled yet." in page


@pytest.mark.parametrize(
    ("state", "role", "button"),
    [
        ("draft", "comms", "Compose"),
        ("in_review", "comms", ""),
        ("in_review", "approver", "Review"),
        ("returned", "comms", "Change"),
        ("approved", "comms", "Compose"),
        ("approved", "hr", "Mark as filled"),
        ("approved", "reader", ""),
        ("withdrawn", "comms", "Submit for approval again"),
        ("archived", "comms", ""),
    ],
)
def test_each_state_has_one_main_button_at_most(state: str, role: str, button: str) -> None:
    row = factories.IN_STATE[state](factories.vacancy())
    assert main_button(Console(factories.person(role)).see(f"/content/{row.pk}")) == button


def test_reader_is_offered_nothing_to_do_and_no_visits(manager: User) -> None:
    row = factories.approved_vacancy()
    page = Console(manager).see(f"/content/{row.pk}")
    for address in ("change", "fill", "withdraw", "archive", "compose"):
        assert f"/{address}" not in page.split('<main id="main"')[1]
    assert 'id="became"' not in page


def test_what_has_ended_is_not_composed_but_archived(comms: User) -> None:
    row = factories.approved_event()
    events.cancel_event(event=row, by=comms)
    page = Console(comms).see(f"/content/{row.pk}")
    assert "This event is cancelled." in page
    assert main_button(page) == "Archive"
    assert f"/console/events/{row.pk}/cancel" not in page
    assert "Repeat it" not in page


def test_what_goes_on_is_repeated_by_those_who_may(comms: User, hr: User) -> None:
    row = factories.vacancy()
    link = f'<a href="/console/plan/repeating/new?content={row.pk}">Repeat this post</a>'
    assert link in Console(comms).see(f"/content/{row.pk}")
    assert link not in Console(hr).see(f"/content/{row.pk}")
    content.withdraw_content(content=row, by=comms)
    assert link not in Console(comms).see(f"/content/{row.pk}")


def test_returned_content_says_what_should_change(comms: User, approver: User) -> None:
    row = factories.in_review(factories.blog_entry())
    content.return_content(content=row, by=approver, comment="Name the ward, please.")
    page = Console(comms).see(f"/content/{row.pk}")
    assert "Returned by Tom Whitfield, <time" in page
    assert "Tom Whitfield asked for a change:" in page
    assert "Name the ward, please." in page


def test_withdrawn_content_is_called_withdrawn(comms: User) -> None:
    row = factories.vacancy()
    content.withdraw_content(content=row, by=comms)
    page = Console(comms).see(f"/content/{row.pk}")
    assert "Withdrawn by Amara Osei" in page
    assert "Taken down" not in page


def test_it_is_submitted_with_a_word_for_the_approver(comms: User) -> None:
    row, speaks = factories.vacancy(), Console(comms)
    assert "Submit for approval" in speaks.see(f"/content/{row.pk}/submit")

    status, said = speaks.send(f"/content/{row.pk}/submit", comment="For Tuesday.")

    assert (status, said[:18]) == (302, "Sent for approval.")
    assert ContentMove.objects.get(content=row).comment == "For Tuesday."
    status, page = speaks.send(f"/content/{row.pk}/submit", comment="Again.")
    assert status == 200
    assert "This job is in review; it cannot become in review." in page
    assert "Again." in page


def test_withdrawing_says_before_and_after_what_becomes_of_its_posts(remote: Remote, comms: User) -> None:
    row = factories.approved_vacancy()
    waiting = factories.publication(of=row)
    publishing.sent(factories.publication(of=row, on=publishing.connected()))
    speaks = Console(comms)

    page = speaks.see(f"/content/{row.pk}/withdraw")
    assert "1 scheduled post will be cancelled:" in page
    assert f"/console/publications/{waiting.pk}" in page
    assert "1 post already sent. We delete published posts where the channel allows it" in page
    speaks.send(f"/content/{row.pk}/withdraw", comment="The ward has closed.")

    waiting.refresh_from_db()
    assert waiting.state == "cancelled"
    assert row.moves.last().comment == "The ward has closed."
    assert "The ward has closed." in speaks.see(f"/content/{row.pk}")


def test_what_is_done_with_is_archived_and_a_draft_is_not(comms: User) -> None:
    done, draft, speaks = factories.approved_vacancy(), factories.vacancy(), Console(comms)
    assert speaks.send(f"/content/{done.pk}/archive", comment="")[0] == 302
    assert Content.objects.get(pk=done.pk).state == "archived"
    status, page = speaks.send(f"/content/{draft.pk}/archive", comment="")
    assert status == 200
    assert "This job is draft; it cannot become archived." in page


@pytest.mark.parametrize("role", ["hr", "reader"])
@pytest.mark.parametrize("what", ["submit", "withdraw", "archive"])
def test_others_move_nothing(role: str, what: str) -> None:
    row = factories.approved_vacancy()
    assert Console(factories.person(role)).send(f"/content/{row.pk}/{what}")[0] == 403
    assert Content.objects.get(pk=row.pk).state == "approved"


def test_where_it_goes_shows_each_post_and_all_of_them_page_by_page(comms: User) -> None:
    row = factories.approved_blog_entry()
    stall = factories.channel(name="Ward stall")
    posts = [factories.publication(of=row, on=stall, publish_at=factories.in_days(1 + number)) for number in range(35)]
    speaks = Console(comms)

    page = speaks.see(f"/content/{row.pk}")
    assert f"/console/publications/{posts[0].pk}" in page
    assert f"/console/publications/{posts[20].pk}" not in page
    assert "All posts" in page
    first = speaks.see(f"/content/{row.pk}?tab=posts")
    rest = speaks.see(f"/content/{row.pk}?tab=posts&" + re.findall(r"after=[^\"&]+", first)[0])
    shown = [set(re.findall(r"/console/publications/(\d+)", text)) for text in (first, rest)]
    assert [len(each) for each in shown] == [30, 5]
    assert not shown[0] & shown[1]


def test_visits_are_counted_by_channel_for_those_who_may_open_the_links(comms: User, hr: User) -> None:
    row = factories.approved_vacancy()
    for name, number in (("X", 3), ("Careers fair", 1)):
        link = links.link_for_publication(
            publication=factories.publication(of=row, on=factories.channel(name=name)), page_url="https://example.org/"
        )
        for _ in range(number):
            Visit.objects.create(link=link)
        Visit.objects.create(link=link, not_counted="crawler")
    Visit.objects.create(link=links.link_for_publication(publication=factories.publication(), page_url="https://e.org"))
    for who in (comms, hr):
        page = Console(who).see(f"/content/{row.pk}")
        assert re.search(r'class="value"[^>]*>4</(a|span)> visits', page)
        assert page.index("<dt>X</dt>") < page.index("<dt>Careers fair</dt>")


def test_long_history_is_read_page_by_page(comms: User) -> None:
    row = factories.vacancy()
    for number in range(0, 40, 2):
        content.submit_content(content=row, by=comms, comment=f"Step {number};")
        content.return_content(content=row, by=comms, comment=f"Step {number + 1};")
    speaks = Console(comms)

    page = speaks.see(f"/content/{row.pk}")
    assert "Step 39;" in page
    assert "Step 34;" not in page
    assert "Full history" in page
    first = speaks.see(f"/content/{row.pk}?tab=history")
    rest = speaks.see(f"/content/{row.pk}?tab=history&" + re.findall(r"after=[^\"&]+", first)[0])
    assert ("Step 10;" in first, "Step 9;" in first, "Created <span" in first) == (True, False, False)
    assert ("Step 9;" in rest, "Created <span" in rest) == (True, True)


def test_page_costs_few_queries_however_much_there_is(
    django_assert_max_num_queries: DjangoAssertNumQueries, admin: User
) -> None:
    row = factories.approved_bulletin(campaign=factories.campaign(), picture=factories.picture())
    for _ in range(3):
        link = links.link_for_publication(
            publication=factories.publication(of=row, on=factories.channel(audience="staff")), page_url="https://e.org"
        )
        Visit.objects.create(link=link)
    Organisation.current()
    speaks = Console(admin)
    for path in ("", "?tab=posts", "?tab=history", "/withdraw"):
        with django_assert_max_num_queries(12):
            speaks.see(f"/content/{row.pk}{path}")


def test_on_another_clock_its_times_are_said_to_be_londons(clock: time_machine.Traveller, comms: User) -> None:
    User.objects.filter(pk=comms.pk).update(zone="Europe/Madrid")
    row = factories.vacancy(closes_at=timezone.now() + timedelta(days=3))
    page = Console(User.objects.get(pk=comms.pk)).see(f"/content/{row.pk}")
    assert "Thursday 5 March 2026, 09:00" in page
    assert "Readers see these times in UK time." in page
    assert Vacancy.objects.get().closes_at == timezone.now() + timedelta(days=3)
