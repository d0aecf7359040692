"""Teams in the console: the list with its numbers, and a team's form."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import User
from campaigns.planning.models import Organisation, Team, VacancyStatus
from campaigns.planning.services import vacancies
from tests import factories
from tests.console.speaking import Console

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def spotlight(team: Team, **fields: object) -> object:
    section = {"kind": "spotlight", "heading": "Who learns together", "body": "They do.", "team": team}
    return factories.bulletin(sections=[section], **fields)


def test_numbers_lead_to_their_rows(comms: User) -> None:
    jade, coral = factories.team(name="Jade ward"), factories.team(name="Coral ward")
    factories.vacancy(team=jade)
    filled = factories.approved_vacancy(team=jade)
    vacancies.end_vacancy(vacancy=filled, status=VacancyStatus.FILLED, by=comms)
    news = spotlight(jade, title="News of March")
    speaks = Console(comms)

    page = speaks.see("/teams")

    line = page.split('<th scope="row">Jade ward</th>')[1].split("</tr>")[0]
    assert "1 open" in line
    for name, number in (("2 of Jade ward", 2), ("1 open of Jade ward", 1)):
        assert speaks.see(speaks.leads("/teams", name)).count('<th scope="row">') == number
    assert "March 2026" in line
    assert "Not yet" in page.split('<th scope="row">Coral ward</th>')[1].split("</tr>")[0]
    opened = speaks.see(f"/teams?spotlights={jade.pk}")
    assert f'/{news.pk}">News of March</a>' in opened
    assert "News of March" not in speaks.see(f"/teams?spotlights={coral.pk}")
    for nonsense in ("x", "9" * 30, "-1"):
        speaks.see(f"/teams?spotlights={nonsense}")


def test_team_is_added_changed_and_found(hr: User) -> None:
    speaks = Console(hr)
    assert speaks.send("/teams/new", name="Jade ward", location="Crawley") == (302, "Jade ward was added.")
    factories.team(name="Coral ward")
    row = Team.objects.get(name="Jade ward")

    seen = speaks.see(f"/teams/{row.pk}/change").split('name="seen" value="')[1].split('"')[0]
    speaks.send(f"/teams/{row.pk}/change", name="Jade ward", location="Crawley, first floor", seen=seen)

    row.refresh_from_db()
    assert row.location == "Crawley, first floor"
    page = speaks.see("/teams?q=jade")
    assert "Crawley, first floor" in page
    assert "Coral ward" not in page
    assert "No teams match." in speaks.see("/teams?q=amber")


def test_name_that_is_taken_is_refused_on_both_forms(comms: User) -> None:
    factories.team(name="Jade ward")
    row = factories.team(name="Coral ward")
    speaks = Console(comms)
    seen = speaks.see(f"/teams/{row.pk}/change").split('name="seen" value="')[1].split('"')[0]

    for path, more in (("/teams/new", {}), (f"/teams/{row.pk}/change", {"seen": seen})):
        status, page = speaks.send(path, name="Jade ward", location="Hove", **more)
        assert status == 200
        assert "Name: Team with this Name already exists." in page
        assert 'value="Hove"' in page
    assert Team.objects.filter(name="Coral ward").exists()


def test_two_people_change_one_team(comms: User) -> None:
    row = factories.team(name="Jade ward")
    speaks = Console(comms)
    seen = speaks.see(f"/teams/{row.pk}/change").split('name="seen" value="')[1].split('"')[0]
    Team.objects.filter(pk=row.pk).update(location="Hove")

    _, page = speaks.send(f"/teams/{row.pk}/change", name="Jade", location="Crawley", seen=seen)

    assert "Someone changed this while you had it open." in page
    assert Team.objects.get().name == "Jade ward"


def test_reader_changes_nothing(manager: User) -> None:
    row = factories.team()
    speaks = Console(manager)

    page = speaks.see("/teams").split('<main id="main"')[1]

    assert row.name in page
    assert "/change" not in page
    assert "Add a team" not in page
    assert speaks.send(f"/teams/{row.pk}/change", name="Mine")[0] == 403


def test_pages_cost_few_queries(django_assert_max_num_queries: DjangoAssertNumQueries, admin: User) -> None:
    for _ in range(35):
        team = factories.team()
    factories.vacancy(team=team)
    spotlight(team)
    spotlight(team)
    Organisation.current()
    speaks = Console(admin)

    for path in ("/teams", f"/teams?spotlights={team.pk}", f"/teams/{team.pk}/change"):
        with django_assert_max_num_queries(12):
            speaks.see(path)
