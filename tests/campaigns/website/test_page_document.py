"""A content's document says all that pages and feeds show."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from campaigns.bulletins.models import Bulletin, Section
from campaigns.planning.models import BlogEntry, Content, Event, SalaryUnit, Team, Vacancy, VacancyStatus
from campaigns.planning.services import events, vacancies
from campaigns.website.page_details import BulletinDetails, EventDetails, VacancyDetails
from campaigns.website.page_document import build_page_document
from tests.campaigns.website.conftest import NINE

Make = Callable[..., Any]


def test_vacancy(make: Make, team: Team) -> None:
    vacancy = make(
        Vacancy,
        title="Staff  nurse",
        body="Come to **Coral**.",
        reference="354-MH-18",
        team=team,
        pay_band="Band 5",
        salary_min_pence=2_807_000,
        salary_max_pence=3_484_700,
        salary_unit=SalaryUnit.YEAR,
        hours_per_week=Decimal("37.50"),
        postcode="RH11 7EJ",
        closes_at=datetime(2026, 4, 1, 23, 59, tzinfo=timezone(timedelta(hours=1))),
        headcount=13,
        values_statement="We care.",
        childcare_offered=True,
        tags=["nursing"],
    )
    vacancy.refresh_from_db()
    document = build_page_document(vacancy)
    assert document.kind == "vacancy"
    assert document.title == "Staff nurse"
    assert document.html == "<p>Come to <strong>Coral</strong>.</p>"
    assert document.summary == "Come to Coral."
    assert document.ends_at == datetime(2026, 4, 1, 22, 59, tzinfo=UTC)
    assert document.tags == ("nursing",)
    details = document.details
    assert isinstance(details, VacancyDetails)
    assert details.reference == "354-MH-18"
    assert details.team == "Coral Ward"
    assert details.staff_group == "Nursing and midwifery registered"
    assert (details.salary_min_pence, details.salary_max_pence) == (2_807_000, 3_484_700)
    assert (details.salary_unit, details.salary_unit_label) == ("year", "a year")
    assert (details.contract_type, details.contract) == ("permanent", "Permanent")
    assert details.hours_per_week == "37.5"
    assert details.closes_at == datetime(2026, 4, 1, 22, 59, tzinfo=UTC)
    assert details.headcount == 13
    assert details.values_statement == "We care."
    assert details.childcare_offered is True


def test_event_found_by_its_shared_row(make: Make, team: Team) -> None:
    event = make(Event, place="The seafront", host_team=team, capacity=40, online_url="https://meet.example/1")
    document = build_page_document(Content.objects.get(pk=event.pk))
    assert document.details == EventDetails(
        event_kind="pop_up",
        kind_label="Pop-up",
        place="The seafront",
        online_url="https://meet.example/1",
        starts_at=NINE,
        ends_at=datetime(2026, 3, 2, 12, 0, tzinfo=UTC),
        capacity=40,
        host_team="Coral Ward",
        childcare_offered=False,
    )
    assert document.ends_at == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert document.ended == ""


def test_blog_entry_names_its_author(make: Make) -> None:
    document = build_page_document(make(BlogEntry, author_line="Coral Ward team", summary="Why we\x0b stay"))
    assert document.author == "Coral Ward team"
    assert document.summary == "Why we stay"
    assert document.ends_at is None
    assert document.picture_id is None


def test_bulletin_tells_its_sections_in_order_and_presents_the_team(make: Make, team: Team) -> None:
    bulletin = make(Bulletin)
    Section.objects.create(
        bulletin=bulletin, position=1, kind="spotlight", heading="Meet <us>", body="# Tea", team=team
    )
    Section.objects.create(bulletin=bulletin, position=0, heading="Board news", body="All is well.")
    document = build_page_document(bulletin)
    assert document.html == (
        '<h2 id="heading-board-news">Board news</h2>\n<p>All is well.</p>\n'
        '<h2 id="heading-meet-us">Meet &lt;us&gt;</h2>\n'
        "<p><strong>Team in the spotlight:</strong> Coral Ward, Langley Green Hospital</p>\n"
        '<h3 id="heading-tea">Tea</h3>'
    )
    assert document.details == BulletinDetails(
        period_start=date(2026, 3, 1), period_end=date(2026, 3, 31), spotlights=("Coral Ward",)
    )
    assert document.audience == "staff"


def test_headings_of_all_sections_are_told_apart_and_reached_from_each(make: Make) -> None:
    bulletin = make(Bulletin)
    bodies = ["[Pay](#pay) [Far](#rota)\n\n## Pay", "[Pay](#pay)\n\n## Pay\n\n## Rota"]
    for position, body in enumerate(bodies):
        Section.objects.create(bulletin=bulletin, position=position, heading="Pay", body=body)
    html = build_page_document(bulletin).html
    assert re.findall(r'<(h\d) id="([^"]+)"', html) == [
        *(("h2", "heading-pay"), ("h3", "heading-pay-1")),
        *(("h2", "heading-pay-2"), ("h3", "heading-pay-3"), ("h3", "heading-rota")),
    ]
    assert re.findall(r'href="([^"]+)"', html) == ["#heading-pay-1", "#heading-rota", "#heading-pay-3"]


def test_a_heading_from_right_to_left_says_so(make: Make) -> None:
    bulletin = make(Bulletin)
    Section.objects.create(bulletin=bulletin, position=0, heading="مرحبا بكم", body="Hello.\n\nمرحبا.")
    html = build_page_document(bulletin).html
    assert html == '<h2 id="heading-مرحبا-بكم" dir="rtl">مرحبا بكم</h2>\n<p>Hello.</p>\n<p dir="rtl">مرحبا.</p>'


@pytest.mark.parametrize(
    ("kind", "end", "ended"),
    [
        (Event, lambda row: events.cancel_event(event=row, by=None), "cancelled"),
        (Vacancy, lambda row: vacancies.end_vacancy(vacancy=row, status=VacancyStatus.FILLED, by=None), "filled"),
        (Vacancy, lambda row: vacancies.end_vacancy(vacancy=row, status=VacancyStatus.WITHDRAWN, by=None), "closed"),
        (Vacancy, lambda row: row, ""),
    ],
)
def test_document_says_how_it_ended(make: Make, kind: type[Content], end: Callable[[Any], Content], ended: str) -> None:
    assert build_page_document(end(make(kind))).ended == ended


def test_away_from_its_page_a_text_leads_back_to_it(make: Make) -> None:
    document = build_page_document(make(BlogEntry, slug="nights", body='[Pay](#pay) `<a href="#pay">`\n\n## Pay'))
    assert '<a href="#heading-pay" rel="noopener">Pay</a>' in document.html
    assert 'href="http://127.0.0.1:8000/blog/nights#heading-pay"' in document.html_elsewhere
    assert '<code>&lt;a href="#pay"&gt;</code>' in document.html_elsewhere
