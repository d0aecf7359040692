"""Vacancies in the console: the list, writing and changing one on the reader's clock, and ending it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.models import User
from campaigns.planning.models import Content, Vacancy
from campaigns.planning.services import content, vacancies
from tests import factories
from tests.adapter import Remote
from tests.console.speaking import Console
from tests.factories import publishing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

GIVEN = {
    "title": "Staff nurse, Coral ward",
    "reference": "354-NUR-2031",
    "staff_group": "nursing",
    "headcount": "2",
    "location": "Crawley",
    "opens_at": "2026-03-02T09:00",
    "closes_at": "2026-03-30T23:59",
    "apply_url": "jobs.example.org/2031",
    "salary_min_pence": "£29,969",
    "salary_max_pence": "36483.50",
    "salary_unit": "year",
    "contract_type": "permanent",
    "working_pattern": "part_time",
    "hours_per_week": "37.5",
    "audience": "public",
    "tags": "nursing, Crawley",
}


def opened(speaks: Console, path: str) -> dict[str, Any]:
    """The form at this address as a browser would send it back untouched."""
    return form_of(unescape(speaks.client.get(f"/console{path}").content.decode()))


def form_of(page: str) -> dict[str, Any]:
    body = page.split('<form method="post" novalidate')[1].split("</form>")[0]
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input [^>]*>", body):
        name, kind = re.search(r'name="([^"]+)"', tag), re.search(r'type="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and kind and (kind[1] not in ("radio", "checkbox") or " checked" in tag):
            found[name[1]] = value[1] if value else ""
    for name, text in re.findall(r'<textarea name="([^"]+)"[^>]*>([^<]*)</textarea>', body):
        found[name] = text.removeprefix("\n").replace("\n", "\r\n").strip()
    for name, options in re.findall(r'(?s)<select name="([^"]+)".*?>(.*?)</select>', body):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    return found


def titles(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a class="title" href="/console/content/\d+">([^<]+)</a>', page)


def test_new_vacancy_is_kept_and_leads_to_its_page(comms: User) -> None:
    status, said = Console(comms).send("/vacancies/new", **GIVEN)

    row = Vacancy.objects.get()
    assert (status, said) == (302, "Saved as a draft. Choose channels when it is ready.")
    assert (row.salary_min_pence, row.salary_max_pence, row.headcount) == (2996900, 3648350, 2)
    assert row.closes_at == datetime(2026, 3, 30, 22, 59, tzinfo=UTC)  # summer time by then
    assert (row.apply_url, row.tags, row.created_by) == ("https://jobs.example.org/2031", ["nursing", "Crawley"], comms)


def test_address_fills_in_the_day(comms: User) -> None:
    form = form_of(Console(comms).see("/vacancies/new?on=2026-04-07"))
    assert (form["opens_at"], form["closes_at"]) == ("2026-03-02T09:00", "2026-04-07T23:59")
    assert form_of(Console(comms).see("/vacancies/new?on=2026-02-31"))["closes_at"] == ""


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"title": " "}, "title", "Enter a title."),
        ({"closes_at": "2026-03-02T08:00"}, "closes_at", "The closing date is before the opening date."),
        (
            {"opens_at": "2026-02-01T09:00", "closes_at": "2026-03-01T09:00"},
            "closes_at",
            "The closing time is in the past. Choose a later time, or allow a time in the past to record it.",
        ),
        ({"salary_max_pence": "20000"}, "salary_max_pence", "The highest salary is lower than the lowest."),
        ({"apply_url": "ftp://jobs.example.org"}, "apply_url", "http:// or https://"),
        ({"closes_at": "2026-03-29T01:30"}, "closes_at", "01:30 does not exist on 29 March 2026 in UK time"),
        ({"slug": "Not a slug"}, "slug", "Enter a valid “slug”"),
        ({"tags": ", ".join(map(str, range(21)))}, "tags", "You can have up to 20"),
        ({"headcount": "0"}, "headcount", "greater than or equal to 1"),
        ({"staff_group": ""}, "staff_group", "This field is required."),
    ],
)
def test_what_is_refused_is_said_beside_its_field_and_kept(
    comms: User, typed: dict[str, str], field: str, words: str
) -> None:
    status, page = Console(comms).send("/vacancies/new", **{**GIVEN, **typed})

    assert (status, Vacancy.objects.count()) == (200, 0)
    assert words in re.findall(rf'id="id_{field}_error">(.*?)</p>', page)[0]
    assert 'value="354-NUR-2031"' in page


def test_reference_that_is_taken_is_refused(comms: User) -> None:
    factories.vacancy(reference="354-NUR-2031")
    _, page = Console(comms).send("/vacancies/new", **GIVEN)
    assert 'id="id_reference_error"' in page


def test_past_vacancy_is_recorded_where_that_is_said(comms: User) -> None:
    past = {"opens_at": "2026-02-01T09:00", "closes_at": "2026-03-01T09:00", "allow_past": "on"}
    assert Console(comms).send("/vacancies/new", **{**GIVEN, **past})[0] == 302


def test_doubled_hour_is_taken_the_first_time_and_each_clock_is_the_readers(comms: User) -> None:
    autumn = {"closes_at": "2026-10-25T01:30"}
    Console(comms).send("/vacancies/new", **{**GIVEN, **autumn})
    User.objects.filter(pk=comms.pk).update(zone="Europe/Madrid")
    speaks = Console(User.objects.get(pk=comms.pk))
    speaks.send("/vacancies/new", **{**GIVEN, "reference": "2", "closes_at": "2026-10-25T02:30"})
    assert {row.closes_at for row in Vacancy.objects.all()} == {datetime(2026, 10, 25, 0, 30, tzinfo=UTC)}


def test_form_that_comes_back_untouched_changes_nothing(comms: User) -> None:
    """Also where the row holds what the form cannot show: seconds, the second of two hours, a comma in a tag."""
    row = factories.approved_vacancy(
        closes_at=datetime(2026, 10, 25, 1, 30, 59, tzinfo=UTC), tags=["Crawley, West Sussex"], body="One.\r\nTwo."
    )
    speaks = Console(comms)

    assert speaks.send(f"/vacancies/{row.pk}/change", **opened(speaks, f"/vacancies/{row.pk}/change"))[0] == 302

    now = Vacancy.objects.get()
    assert (now.state, now.closes_at, now.tags, now.body) == ("approved", row.closes_at, row.tags, row.body)


def test_change_to_what_is_approved_says_that_it_waits_again(comms: User) -> None:
    row, speaks = factories.approved_vacancy(), Console(comms)
    page = speaks.see(f"/vacancies/{row.pk}/change")
    assert "If you change it, it needs approval again" in page
    assert "keep_approval" not in page

    _, said = speaks.send(f"/vacancies/{row.pk}/change", **form_of(page) | {"headcount": "3"})

    assert said.endswith("It was approved, so it now needs approval again before its scheduled posts are published.")
    assert (Vacancy.objects.get().headcount, Vacancy.objects.get().state) == (3, "in_review")


def test_who_approved_it_may_correct_it(approver: User) -> None:
    row, speaks = factories.approved_vacancy(), Console(approver)
    form = form_of(speaks.see(f"/vacancies/{row.pk}/change"))
    _, said = speaks.send(f"/vacancies/{row.pk}/change", **form | {"location": "Horsham", "keep_approval": "on"})
    assert said == "Saved 09:00."
    assert (Vacancy.objects.get().location, Vacancy.objects.get().state) == ("Horsham", "approved")


def test_two_people_at_one_vacancy_do_not_overwrite_each_other(comms: User, approver: User) -> None:
    row, speaks = factories.vacancy(location="Crawley"), Console(comms)
    form = form_of(speaks.see(f"/vacancies/{row.pk}/change")) | {"location": "Horsham"}
    vacancies.change_vacancy(vacancy=row, changes={"location": "Worthing"}, by=approver)

    status, page = speaks.send(f"/vacancies/{row.pk}/change", **form)

    assert (status, Vacancy.objects.get().location) == (200, "Worthing")
    assert "Theirs: Location: Worthing." in page
    assert 'value="Horsham"' in page
    assert speaks.send(f"/vacancies/{row.pk}/change", **form_of(page))[0] == 302
    assert Vacancy.objects.get().location == "Horsham"


def test_archived_and_published_say_what_stays(remote: Remote, comms: User) -> None:
    out, put_away, speaks = factories.approved_vacancy(), factories.approved_vacancy(), Console(comms)
    publishing.sent(factories.publication(of=out, on=publishing.connected()))
    form = form_of(speaks.see(f"/vacancies/{out.pk}/change"))
    assert "so you cannot change it" in speaks.send(f"/vacancies/{out.pk}/change", **form | {"slug": "other"})[1]
    content.archive_content(content=Content.objects.get(pk=put_away.pk), by=comms)
    page = speaks.see(f"/vacancies/{put_away.pk}/change")
    assert (
        "You cannot change archived content."
        in (speaks.send(f"/vacancies/{put_away.pk}/change", **form_of(page) | {"location": "Horsham"})[1])
    )


def test_closed_vacancy_can_still_be_corrected(comms: User) -> None:
    row, speaks = factories.vacancy(), Console(comms)
    Vacancy.objects.update(closes_at=timezone.now() - timedelta(days=1), opens_at=timezone.now() - timedelta(days=9))
    form = form_of(speaks.see(f"/vacancies/{row.pk}/change"))
    assert speaks.send(f"/vacancies/{row.pk}/change", **form | {"location": "Horsham"})[0] == 302


@pytest.mark.parametrize(("how", "status"), [("fill", "filled"), ("withdraw", "withdrawn")])
def test_ending_it_asks_first_and_cancels_what_waits(hr: User, how: str, status: str) -> None:
    row = factories.approved_vacancy()
    post, speaks = factories.publication(of=row), Console(hr)
    assert "1 scheduled post will be cancelled:" in speaks.see(f"/vacancies/{row.pk}/{how}")
    assert Vacancy.objects.get().status == "open"

    assert speaks.send(f"/vacancies/{row.pk}/{how}")[0] == 302

    post.refresh_from_db()
    assert (Vacancy.objects.get().status, post.state) == (status, "cancelled")
    assert "This job is no longer open." in speaks.send(f"/vacancies/{row.pk}/{how}")[1]


def test_list_holds_open_ones_by_closing_date_and_closed_ones_apart(manager: User) -> None:
    late, soon = factories.vacancy(title="Late", closes_at=factories.in_days(9)), factories.vacancy(title="Soon")
    Vacancy.objects.filter(pk=soon.pk).update(closes_at=factories.in_days(2))
    filled, gone, closed = (factories.vacancy(title=title) for title in ("Filled", "Gone", "Over"))
    vacancies.end_vacancy(vacancy=filled, status="filled", by=None)
    factories.withdrawn(gone)
    Vacancy.objects.filter(pk=closed.pk).update(
        opens_at=timezone.now() - timedelta(days=9), closes_at=timezone.now() - timedelta(days=1)
    )
    speaks = Console(manager)

    assert titles(speaks.see("/vacancies")) == ["Soon", "Late"]
    assert titles(speaks.see("/vacancies?which=closed")) == ["Filled", "Over"]
    assert len(titles(speaks.see("/vacancies?which=all"))) == 5
    assert titles(speaks.see("/vacancies?which=open&state=withdrawn")) == ["Gone"]
    assert titles(speaks.see("/vacancies?sort=-closes_at")) == ["Late", "Soon"]
    assert titles(speaks.see("/vacancies?sort=title&which=none")) == ["Soon", "Late"]
    assert "/vacancies/new" not in speaks.see("/vacancies")
    assert late.title in speaks.see("/vacancies?q=LATE")
