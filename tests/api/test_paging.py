from __future__ import annotations

from datetime import timedelta
from typing import Any, get_args

import pytest
from django.core import signing
from pytest_django import DjangoAssertNumQueries

from backend import paging
from backend.api.resources.channels import channels
from backend.api.resources.content import bulletins, content, events, vacancies
from backend.api.resources.plan import campaigns, teams
from backend.api.resources.publishing import publications
from tests import factories
from tests.api.asserting import ids, ok, refused
from tests.conftest import Api


def _moment(number: int) -> Any:
    """Two and two at the same time, so that ties are met."""
    return factories.in_days(10 + number // 2)


def _day(number: int) -> Any:
    return _moment(number).date()


MAKERS: dict[str, Any] = {
    "campaigns": lambda n: factories.campaign(starts_on=_day(n)),
    "teams": lambda n: factories.team(name=f"{'émAz'[n % 4]} ward {n}"),
    "channels": lambda n: factories.channel(name=["Stall", "stall", "Émile", "Z"][n % 4]),
    "events": lambda n: factories.event(starts_at=_moment(n)),
    "vacancies": lambda n: factories.vacancy(closes_at=_moment(n)),
    "bulletins": lambda n: factories.bulletin(period_start=_day(n), period_end=_day(n) + timedelta(days=30)),
    "content": lambda _: factories.blog_entry(),
    "publications": lambda n: factories.publication(publish_at=_moment(n)),
}
QUERIES = {
    "campaigns": campaigns.CampaignQuery,
    "teams": teams.TeamQuery,
    "channels": channels.ChannelQuery,
    "events": events.EventQuery,
    "vacancies": vacancies.VacancyQuery,
    "bulletins": bulletins.BulletinQuery,
    "content": content.ContentQuery,
    "publications": publications.PublicationQuery,
}
SORTS = [
    (folder, sort) for folder, query in QUERIES.items() for sort in get_args(query.model_fields["sort"].annotation)
]


def walk(api: Api, path: str, **query: Any) -> list[int]:
    found: list[int] = []
    cursor: dict[str, str] = {}
    while True:
        page = ok(api.get(path, **query, **cursor))
        assert len(page["items"]) <= query["limit"]
        found += [item["id"] for item in page["items"]]
        assert len(set(found)) == len(found), "no row comes twice"
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


@pytest.mark.parametrize(("folder", "sort"), SORTS)
def test_pages_of_every_sort_join_to_the_whole_with_ties(api: Api, folder: str, sort: str) -> None:
    made = [MAKERS[folder](number).pk for number in range(6)]
    reader = api.as_("reader")
    whole = ids(reader.get(f"/{folder}", sort=sort))
    assert sorted(whole) == sorted(made)
    if sort == "-id":
        assert whole == made[::-1]
    for limit in (1, 2, 4, 6):
        assert walk(reader, f"/{folder}", sort=sort, limit=limit) == whole
    opposite = sort[1:] if sort.startswith("-") else f"-{sort}"
    assert ids(reader.get(f"/{folder}", sort=opposite)) == whole[::-1]


def test_a_page_stays_right_while_rows_are_added_and_removed(api: Api) -> None:
    made = [factories.publication(publish_at=factories.in_days(day)) for day in (1, 2, 3, 4, 5, 6)]
    reader = api.as_("reader")
    page = ok(reader.get("/publications", sort="publish_at", limit=3))
    assert [item["id"] for item in page["items"]] == [row.pk for row in made[:3]]
    factories.publication(publish_at=factories.in_days(0.5))
    later = factories.publication(publish_at=factories.in_days(4.5))
    for row in made[1:3]:  # the second is the very row at which the page ended
        row.link.delete()
        row.delete()
    rest = ids(reader.get("/publications", sort="publish_at", cursor=page["next"]))
    assert rest == [made[3].pk, later.pk, made[4].pk, made[5].pk]


def test_newest_first_shows_nothing_twice_while_rows_are_added(api: Api) -> None:
    made = [factories.team().pk for _ in range(4)]
    reader = api.as_("reader")
    page = ok(reader.get("/teams", limit=2))
    factories.team()
    assert [item["id"] for item in page["items"]] == made[:1:-1]
    assert ids(reader.get("/teams", limit=2, cursor=page["next"])) == made[1::-1]


def test_a_count_is_made_only_on_request(api: Api, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(3):
        factories.team(name=f"Ward {_}")
    factories.team(name="Other")
    reader = api.as_("reader")
    reader.get("/teams")
    with django_assert_num_queries(2):  # the key, the rows
        assert ok(reader.get("/teams", limit=2))["count"] is None
    with django_assert_num_queries(3):
        page = ok(reader.get("/teams", limit=2, count="true", q="ward"))
    assert (len(page["items"]), page["count"]) == (2, 3)


def test_filters_hold_on_the_next_page(api: Api) -> None:
    wards = [factories.team(name=f"Ward {number}").pk for number in range(3)]
    factories.team(name="Other")
    assert walk(api.as_("reader"), "/teams", q="ward", limit=1) == wards[::-1]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "a:b",
        "é",
        "👩🏽",
        "WyItaWQiXQ:forged",
        "x" * 2001,
    ],
)
def test_a_cursor_that_is_not_ours_is_refused(api: Api, cursor: str) -> None:
    refused(api.as_("reader").get("/teams", cursor=cursor), 422, field="cursor")


def test_a_cursor_belongs_to_one_order(api: Api) -> None:
    factories.team()
    factories.team()
    cursor = ok(api.as_("reader").get("/teams", limit=1, sort="name"))["next"]
    refused(api.as_("reader").get("/teams", cursor=cursor), 422, "bad_cursor", "cursor")


def test_a_cursor_signed_for_something_else_is_refused(api: Api) -> None:
    other = signing.Signer(salt="another purpose").sign_object(["-id", 1, 1])
    refused(api.as_("reader").get("/teams", cursor=other), 422, "bad_cursor", "cursor")
    assert paging.decode_cursor(paging.encode_cursor(["-id", 1, 1])) == ["-id", 1, 1]


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 201}, {"limit": "many"}, {"sort": "size"}, {"count": "x"}])
def test_bad_queries(api: Api, query: dict) -> None:
    refused(api.as_("reader").get("/teams", **query), 422, "invalid", next(iter(query)))
