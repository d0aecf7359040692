"""The audit trail in the console: who changed what, from what to what, found again, and taken away as a table."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import resolve
from pytest_django import DjangoAssertNumQueries

from backend.accounts import services
from backend.accounts.models import User
from backend.audit import kinds
from backend.audit.middleware import audit_context
from backend.console.administration import audit, audit_words
from backend.console.frame import downloads
from campaigns.hiring import services as hiring
from campaigns.planning.models import Organisation, Team
from campaigns.planning.services import content, publications, vacancies
from campaigns.planning.services import organisation as organisation_services
from tests import factories
from tests.api.recruiting import hiring as hired
from tests.console.speaking import Console

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(admin: User) -> Console:
    Organisation.current()
    return Console(admin)


def entries(page: str) -> list[str]:
    """The table's rows as text, the latest first."""
    rows = page.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:] if "<tbody>" in page else []
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", row)).split()) for row in rows]


def table(desk: Console, query: str = "") -> list[dict[str, str]]:
    """What the page's own link downloads."""
    return list(csv.DictReader(io.StringIO(desk.download(desk.leads(f"/audit?{query}", "Download")))))


# In words


def test_change_is_told_with_who_what_before_and_after(desk: Console, comms: User) -> None:
    row = factories.vacancy(headcount=1)
    with audit_context(actor=comms, through="session"):
        vacancies.change_vacancy(vacancy=row, changes={"headcount": 3, "childcare_offered": True}, by=comms)

    entry = entries(desk.see(f"/audit?kind=vacancy&row={row.pk}"))[0]

    assert f"Amara Osei Signed in Changed {row.title} Job {row.pk}" in entry
    assert "Headcount: 1 → changed to 3" in entry
    assert "Childcare offered: no → changed to yes" in entry


def test_times_choices_and_rows_are_told_by_their_words(
    desk: Console, comms: User, clock: time_machine.Traveller
) -> None:
    row = factories.publication()
    later = row.publish_at + timedelta(days=150)
    publications.reschedule_publication(publication=row, publish_at=later, zone="Europe/London", by=comms)
    publications.cancel_publication(publication=row, by=comms, reason="Not now.")
    where = f"kind=publication&row={row.pk}"

    cancelled, moved, added = entries(desk.see(f"/audit?{where}"))

    assert "Publish at: Tue 3 Mar 2026 09:00 → changed to Fri 31 Jul 2026 10:00" in moved  # in summer time
    assert "State: Scheduled → changed to Cancelled Reason: nothing → changed to Not now." in cancelled
    assert f"{row.content.title} on {row.channel.name} Post {row.pk} : only this" in added
    assert f"Channel: {row.channel.name}" in added
    assert f'href="/console/publications/{row.pk}"' in desk.see(f"/audit?{where}")


def test_what_a_move_was_for_is_told(desk: Console, comms: User, approver: User) -> None:
    row = factories.in_review(factories.blog_entry())
    content.return_content(content=row, by=approver, comment="Name the ward.")

    entry = entries(desk.see(f"/audit?kind=blog_entry&row={row.pk}"))[0]

    assert "Tom Whitfield" in entry
    assert "State: In review → changed to Returned Comment: nothing → changed to Name the ward." in entry


def test_long_texts_are_shown_from_where_they_differ_and_whole_in_the_table(desk: Console) -> None:
    start, end = "Come and work by the sea. " * 20, "We have bicycles. " * 20
    row = factories.vacancy(body=start + end)
    vacancies.change_vacancy(vacancy=row, changes={"body": start + "Now: " + end}, by=None)

    entry = next(each for each in entries(desk.see(f"/audit?kind=vacancy&row={row.pk}")) if "Now:" in each)

    assert "…" in entry
    assert len(entry) < 700
    assert start + "Now: " + end.strip() in {
        line["After"].strip() for line in table(desk, f"kind=vacancy&row={row.pk}")
    }


def test_shortened_keeps_what_differs() -> None:
    long = "a" * 300
    assert audit_words.shortened("one", "two") == ("one", "two")
    before, after = audit_words.shortened(long, long + "b")
    assert (before, after) == ("…" + "a" * 40, "…" + "a" * 40 + "b")


def test_worker_and_programs_are_named(desk: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["manage.py", "worker"])
    factories.team()
    key, _ = services.create_api_key(name="Careers website", role="comms")
    with audit_context(actor=key.user, through="api_key", api_key=key):
        factories.team()

    page = desk.see("/audit?kind=team")

    program, worker = entries(page)
    assert "Careers website API key Added" in program
    assert f'href="/console/keys/{key.pk}">Careers website' in page
    assert re.search(r"\d\d:\d\d Worker Added", worker)


def test_people_are_linked_and_named_as_they_are_called_now(desk: Console, comms: User) -> None:
    services.change_person(user=comms, changes={"is_active": False})

    page = desk.see(f"/audit?kind=user&row={comms.pk}")

    assert f'href="/console/people/{comms.pk}">Amara Osei</a>' in page
    assert "Active: yes → changed to no" in entries(page)[0]


def test_removed_row_is_told_without_a_link(desk: Console) -> None:
    row = organisation_services.add_team(name="Jade ward")
    pk = row.pk
    row.delete()

    page = desk.see(f"/audit?kind=team&row={pk}")

    assert "Removed Jade ward" in entries(page)[0]
    assert "Name: Jade ward" in entries(page)[0]


def test_what_somebody_wrote_is_text_and_no_markup(desk: Console) -> None:
    organisation_services.add_team(name="<b>Jade</b> ward")

    assert "<b>Jade" not in desk.client.get("/console/audit?kind=team").content.decode()


def test_sign_ins_and_what_was_tried_in_vain_are_told_in_words(desk: Console, comms: User) -> None:
    person, stranger = Client(headers={"User-Agent": "Firefox/130.0 (X11; Linux)"}), Client()
    services.set_password(user=comms, password="sixteen green herons")
    for email in (comms.email, "nobody@example.org", "no.one@example.org"):
        stranger.post("/console/sign-in", {"username": email, "password": "wrong"})
    person.post("/console/sign-in", {"username": comms.email, "password": "sixteen green herons"})

    signed_in, unknown, wrong = entries(desk.see("/audit?kind=user"))[:3]

    assert f"Amara Osei Signed in Signed in Amara Osei Person or program {comms.pk}" in signed_in
    assert "With: password Browser: Firefox on Linux" in signed_in
    assert "2 times, until" in unknown
    assert "Not signed in Could not sign in An account that does not exist Person or program" in unknown
    assert "Reason: unknown account" in unknown
    assert "Could not sign in Amara Osei" in wrong
    assert "Reason: wrong password" in wrong
    assert entries(desk.see("/audit?event=signed_in")) == [signed_in]
    [line] = [line for line in table(desk, "event=sign_in_failed") if line["Number"] == ""]
    told = (line["What was done"], line["Times"], line["Name"])
    assert told == ("Could not sign in", "2", "An account that does not exist")


# What must not leak


def test_secrets_and_personal_data_are_in_neither_page_nor_table(desk: Console, hr: User, comms: User) -> None:
    person = {"name": "Grace Adeyemi", "email": "grace@example.org", "phone": "01632 960417"}
    row = hiring.add_candidate(reference="AR-1", vacancy=factories.vacancy(), by=hr, **person)
    hiring.change_candidate(candidate=row, changes={"phone": "01632 960418"})
    services.change_person(user=comms, changes={"password": "sixteen green herons", "email": "amara@new.example"})
    key, secret = services.create_api_key(name="Website", role="comms")

    page, lines = desk.see("/audit"), str(table(desk))

    assert "Phone: changed; the value is not recorded" in " ".join(entries(page))
    assert "AR-1" in page
    for hidden in ("Grace", "grace@", "96041", "argon2", "herons", "amara@new", secret, key.hashed, "***"):
        assert hidden not in page
        assert hidden not in lines


@pytest.mark.parametrize("role", ["comms", "approver", "hr", "reader"])
def test_nobody_else_opens_it(role: str) -> None:
    speaks = Console(factories.person(role))

    speaks.see("/audit", status=403)
    speaks.see("/audit?format=csv", status=403)


# Finding


def test_filters_by_who_kind_row_and_day(desk: Console, comms: User, hr: User, clock: time_machine.Traveller) -> None:
    for actor, name in ((comms, "Jade ward"), (hr, "Opal ward"), (None, "Onyx ward")):
        with audit_context(actor=actor, through="session"):
            organisation_services.add_team(name=name)
        clock.shift(timedelta(days=1))
    opal = Team.objects.get(name="Opal ward")

    def found(query: str) -> list[str]:
        return re.findall(r"Added (\w+) ward", " ".join(entries(desk.see(f"/audit?kind=team&{query}"))))

    assert found("") == ["Onyx", "Opal", "Jade"]
    assert found(f"who={hr.pk}") == ["Opal"]
    assert found("who=none") == ["Onyx"]
    assert found(f"row={opal.pk}") == ["Opal"]
    assert found("from=2026-03-03") == ["Onyx", "Opal"]
    assert found("to=2026-03-03") == ["Opal", "Jade"]
    assert found(f"from=2026-03-03&to=2026-03-03&who={hr.pk}") == ["Opal"]
    assert found("from=2026-04-01") == []
    assert [line["Name"] for line in table(desk, f"kind=team&who={hr.pk}") if line["Field"] == "Name"] == ["Opal ward"]


def test_what_cannot_be_read_in_the_address_is_left_out(desk: Console) -> None:
    factories.team()
    everything = len(entries(desk.see("/audit")))

    for query in ("who=x", "kind=secret", "row=-1", "row=" + "9" * 30, "from=yesterday", "to=2026-02-31", "after=x"):
        assert len(entries(desk.see(f"/audit?{query}"))) == everything
    assert entries(desk.see("/audit?to=9999-12-31&from=0001-01-01")) == entries(desk.see("/audit"))
    assert "No results." in desk.see("/audit?who=999999")


def test_days_are_the_readers_own(desk: Console, admin: User, clock: time_machine.Traveller) -> None:
    clock.move_to(datetime(2026, 7, 1, 23, 30, tzinfo=UTC))  # 2 July, 00:30 in London
    organisation_services.add_team(name="Jade ward")

    assert entries(desk.see("/audit?kind=team&to=2026-07-01")) == []
    assert len(entries(desk.see("/audit?kind=team&from=2026-07-02"))) == 1
    assert {line["When"] for line in table(desk, "kind=team")} == {"2026-07-02 00:30:00"}


def test_chosen_person_beyond_the_offered_is_offered_too(desk: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.console.administration.audit.OFFERED", 1)
    row = services.add_person(email="zoe@example.org", name="Zoe", role="hr")

    assert f'<option value="{row.pk}" selected>Zoe</option>' in desk.see(f"/audit?who={row.pk}")


# Pages, and the table from where one stands


def test_pages_follow_each_other_and_the_table_starts_where_one_stands(
    desk: Console, monkeypatch: pytest.MonkeyPatch, clock: time_machine.Traveller
) -> None:
    monkeypatch.setattr("backend.console.frame.paging.ROWS_AT_ONCE", 7)
    for number in range(70):  # all of one moment: only the id tells them apart
        organisation_services.add_team(name=f"Ward {number}")

    def numbers(page: str) -> list[int]:
        return [int(each) for each in re.findall(r"Added Ward (\d+)", " ".join(entries(page)))]

    first = desk.see("/audit?kind=team")
    after = re.findall(r'href="\?([^"]*after=[^"]+)"', first)[0]
    second = desk.see(f"/audit?{after}")

    assert numbers(first) + numbers(second) == list(range(69, 9, -1))
    assert "Download from this page on as CSV" in second
    told = [line["Name"] for line in table(desk, after) if line["Field"] == "Name"]
    assert told == [f"Ward {number}" for number in range(39, -1, -1)]


@pytest.mark.parametrize("formula", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1"])
def test_table_holds_no_formula(formula: str) -> None:
    assert downloads.cell(formula) == f"'{formula}"
    assert downloads.cell("Jade = ward") == "Jade = ward"
    assert downloads.cell(-1) == -1


def test_formula_in_a_name_is_text_in_the_table(desk: Console) -> None:
    organisation_services.add_team(name="=HYPERLINK(1)")

    assert {line["Name"] for line in table(desk, "kind=team")} == {"'=HYPERLINK(1)"}


# What it costs


def test_page_asks_few_times_whatever_stands_on_it(
    desk: Console, comms: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    hired.hire("2026-02-20", met=[factories.channel()])
    factories.publication()
    factories.mailing_list("reader@example.org")
    services.create_api_key(name="Website", role="comms")
    desk.see("/audit")  # kinds of rows are read once a process

    with django_assert_max_num_queries(12):
        desk.see("/audit")
    file = desk.leads("/audit", "Download as CSV")
    with django_assert_max_num_queries(12):
        desk.download(file)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "who=1",
        "who=none",
        "kind=team",
        "kind=team&row=5",
        "from=2026-01-01&to=2026-02-01",
        "row=5",
        "event=signed_in",
    ],
)
def test_filters_walk_an_index(desk: Console, query: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL reads so small a table whole.")
    request: Any = desk.client.get(f"/console/audit?{query}").wsgi_request
    asked = audit.read_query(request)
    rows = audit.find_entries(asked).order_by(*{asked.sort: None, "-pk": None})[:31]

    plan = rows.explain()

    assert re.search(r"SCAN audit_logentry(?! USING INDEX)", plan) is None
    assert "INDEX" in plan
    assert "TEMP B-TREE" not in plan


def test_every_kind_has_words() -> None:
    assert set(audit_words.KINDS) == set(kinds.MODELS) - {"content"}


def test_every_row_with_a_page_leads_there() -> None:
    for model, (name, parameter) in audit_words.PAGES.items():
        found = resolve(audit_words.address_of(model, 7))
        assert (found.url_name, found.kwargs) == (name, {parameter: 7} if parameter else {})
