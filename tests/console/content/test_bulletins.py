"""Bulletins in the console: sections that are added, ordered and removed, and what is refused."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import User
from campaigns.bulletins.models import Bulletin
from campaigns.planning.models import Organisation
from tests import factories
from tests.console.speaking import Console

pytestmark = pytest.mark.django_db
FORM = {
    "title": "News in October",
    "period_start": "2030-10-01",
    "period_end": "2030-10-31",
    "audience": "staff",
}


@pytest.fixture(autouse=True)
def _files(tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def in_form(*sections: tuple[str, ...]) -> dict[str, str]:
    """Sections (kind, heading, body, team) as a browser sends them."""
    names = ("kind", "heading", "body", "team")
    return {
        f"section-{number}-{name}": value
        for number, section in enumerate(sections)
        for name, value in zip(names, section, strict=False)
    }


def opened(speaks: Console, row: Bulletin, **typed: Any) -> dict[str, Any]:
    seen = re.search(r'name="seen" value="([^"]*)"', speaks.see(f"/bulletins/{row.pk}/change"))
    assert seen
    kept = {"period_start": str(row.period_start), "period_end": str(row.period_end)}
    return {"title": row.title, "audience": row.audience, "slug": row.slug, "seen": seen[1], **kept, **typed}


def headings(page: str) -> list[str]:
    return re.findall(r'name="section-\d+-heading" value="([^"]*)"', page)


def test_bulletin_is_written_with_a_team_in_the_spotlight(comms: User) -> None:
    team = factories.team()
    sections = in_form(
        ("text", "From the board", "It met."), ("spotlight", "Meet them", "They are *kind*.", str(team.pk))
    )

    status, _ = Console(comms).send("/bulletins/new", **FORM, **sections)

    row = Bulletin.objects.get()
    told = [(each.kind, each.heading, each.body, each.team) for each in row.sections.all()]
    assert (status, row.period_end, row.audience) == (302, date(2030, 10, 31), "staff")
    assert told == [("text", "From the board", "It met.", None), ("spotlight", "Meet them", "They are *kind*.", team)]


@pytest.mark.parametrize(
    ("do", "order"),
    [
        ("up-1", ["Two", "One", "Three"]),
        ("up-0", ["One", "Two", "Three"]),
        ("down-0", ["Two", "One", "Three"]),
        ("down-2", ["One", "Two", "Three"]),
        ("remove-1", ["One", "Three"]),
        ("remove-7", ["One", "Two", "Three"]),
        ("shuffle-1", ["One", "Two", "Three"]),
    ],
)
def test_sections_are_moved_and_removed_and_nothing_is_saved_by_that(comms: User, do: str, order: list[str]) -> None:
    row = factories.bulletin()
    sections = in_form(("text", "One", "1."), ("text", "Two", "2."), ("text", "Three", ""))
    speaks = Console(comms)

    for address in ("/bulletins/new", f"/bulletins/{row.pk}/change"):
        _, page = speaks.send(address, **FORM, **sections, do=do)
        assert headings(page) == order
        assert 'value="News in October"' in page
        assert "There is a problem" not in page
    assert [each.heading for each in row.sections.all()] == ["From the board"]


def test_section_is_added_at_the_end_and_has_the_focus(comms: User) -> None:
    factories.team(name="Coral ward")

    _, page = Console(comms).send("/bulletins/new", **FORM, **in_form(("text", "One", "1.")), do="add-spotlight")

    assert headings(page.replace('name="section-1-heading"', 'name="section-1-heading" value=""')) == ["One", ""]
    assert '<legend tabindex="-1" autofocus>2. Team spotlight</legend>' in page
    assert "Coral ward</option>" in page


def test_fifty_first_section_is_not_added(comms: User) -> None:
    many = in_form(*[("text", "One", "1.")] * 50)
    speaks = Console(comms)

    assert "up to 50 sections" in speaks.send("/bulletins/new", **FORM, **many, do="add-text")[1]
    more = in_form(*[("text", "One", "1.")] * 51)
    assert ("A bulletin can have up to 50 sections, and this one has 51.") in speaks.send(
        "/bulletins/new", **FORM, **more
    )[1]
    assert not Bulletin.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"period_end": "2030-09-01"}, "The end date is before the start date."),
        ({"period_start": "soon"}, "Enter a valid date."),
        ({"section-0-heading": ""}, "Section 1: Heading: Enter a heading."),
        ({"section-0-body": ""}, "Section 1: Text: Enter some text, or remove the section."),
        ({"section-0-body": " "}, "Section 1: Text: This must not be empty."),
        ({"section-1-team": ""}, "Section 2: Team: Choose a team for the spotlight."),
        ({"section-1-team": "999"}, "Section 2: Team: Select a valid choice."),
    ],
)
def test_what_is_refused_is_said_and_what_was_typed_is_kept(comms: User, wrong: dict[str, str], said: str) -> None:
    sections = in_form(("text", "One", "1."), ("spotlight", "Two", "Kept words.", str(factories.team().pk)))

    status, page = Console(comms).send("/bulletins/new", **FORM | sections | wrong)

    assert (status, "There is a problem" in page) == (200, True)
    assert said in page
    assert "Kept words.</textarea>" in page
    assert not Bulletin.objects.exists()


def test_second_of_two_people_learns_that_the_sections_differ(comms: User) -> None:
    row = factories.bulletin()
    first, second = Console(comms), Console(factories.person("approver"))
    mine = opened(second, row, **in_form(("text", "By the second", "2.")))
    first.send(f"/bulletins/{row.pk}/change", **opened(first, row, **in_form(("text", "By the first", "1."))))

    _, page = second.send(f"/bulletins/{row.pk}/change", **mine)

    assert "Their sections are also different: “By the first”." in page
    assert headings(page) == ["By the second"]
    assert [each.heading for each in row.sections.all()] == ["By the first"]


def test_change_of_what_is_approved_waits_for_approval_again_unless_nothing_differs(comms: User) -> None:
    row = factories.approved_bulletin()
    speaks = Console(comms)
    same = in_form(("text", "From the board", "The board met on Monday."))

    speaks.send(f"/bulletins/{row.pk}/change", **opened(speaks, row, **same))
    row.refresh_from_db()
    assert row.state == "approved"
    _, said = speaks.send(
        f"/bulletins/{row.pk}/change", **opened(speaks, row, **in_form(("text", "Only this", "Now.")))
    )

    row.refresh_from_db()
    assert (row.state, [each.heading for each in row.sections.all()]) == ("in_review", ["Only this"])
    assert "it now needs approval again" in said
    page = speaks.see(f"/content/{row.pk}")
    assert "Changed after approval." in page
    assert "by Tom Whitfield" in page


def test_new_one_begins_with_this_month_and_one_section_for_staff(comms: User) -> None:
    page = Console(comms).see("/bulletins/new")

    assert re.search(r'name="period_start" value="\d{4}-\d\d-01"', page)
    assert 'name="audience" value="staff" id="id_audience_1" checked' in re.sub(r" required", "", page)
    assert page.count('class="section"') == 1


def test_pages_cost_few_queries_however_many_sections(
    django_assert_max_num_queries: DjangoAssertNumQueries, comms: User
) -> None:
    spotlight = {"kind": "spotlight", "heading": "Meet them", "body": "Here.", "team": factories.team()}
    row = factories.bulletin(sections=[spotlight] * 20)
    Organisation.current()
    speaks = Console(comms)

    for path in ("/bulletins", f"/bulletins/{row.pk}/change"):
        with django_assert_max_num_queries(12):
            speaks.see(path)
