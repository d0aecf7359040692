"""What lists and forms of all kinds of content have in common."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import User
from campaigns.planning.models import Content, Organisation
from tests import factories
from tests.console.content.test_vacancies import form_of, titles
from tests.console.speaking import Console

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@dataclass(frozen=True)
class Kind:
    path: str
    name: str
    make: Callable[..., Any]


KINDS = [
    Kind("/vacancies", "job", factories.vacancy),
    Kind("/events", "event", factories.event),
    Kind("/blog-entries", "blog entry", factories.blog_entry),
    Kind("/bulletins", "bulletin", factories.bulletin),
]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest, tmp_path: Any, settings: Any) -> Kind:
    settings.MEDIA_ROOT = tmp_path
    found: Kind = request.param
    return found


def test_list_is_narrowed_and_read_page_by_page(comms: User, kind: Kind) -> None:
    campaign = factories.campaign()
    for number in range(33):
        kind.make(title=f"Coral {number}", campaign=campaign)
    kind.make(title="Coral elsewhere")
    kind.make(title="Jade", campaign=campaign)
    other = next(each for each in KINDS if each != kind)
    other.make(title="Coral of another kind", campaign=campaign)
    speaks = Console(comms)
    narrow = f"{kind.path}?q=CORAL&campaign={campaign.pk}&state=draft"

    first = speaks.see(narrow)
    rest = speaks.see(narrow + "&" + re.findall(r"after=[^\"&]+", first)[0])

    assert (len(titles(first)), len(titles(rest))) == (30, 3)
    assert {title.split()[0] for title in titles(first + rest)} == {"Coral"}
    assert not set(titles(first)) & {*titles(rest), "Coral elsewhere", "Coral of another kind"}
    assert f'<option value="{campaign.pk}" selected>' in first
    assert "No results." in speaks.see(f"{kind.path}?q=%00midwife")
    assert (
        len(titles(speaks.see(f"{kind.path}?state=nonsense&campaign=x&team=%00&which=none&sort=none&after=none"))) == 30
    )


def test_what_was_withdrawn_stands_apart_and_is_called_so(comms: User, kind: Kind) -> None:
    factories.withdrawn(kind.make(title="Gone"))
    speaks = Console(comms)

    assert titles(speaks.see(kind.path)) == []
    for asked in ("which=all", "state=withdrawn"):
        page = speaks.see(f"{kind.path}?{asked}")
        assert titles(page) == ["Gone"]
        assert "Withdrawn</span>" in page
        assert "Taken down" not in page


def test_empty_list_says_what_it_is_for_and_offers_to_begin(comms: User, manager: User, kind: Kind) -> None:
    page = Console(comms).see(kind.path)
    assert page.count(f'href="/console{kind.path}/new">New {kind.name}</a>') == 2
    assert "For example: " in page
    assert f"New {kind.name}" not in Console(manager).see(kind.path)


@pytest.mark.parametrize("role", ["hr", "reader"])
def test_others_look_and_change_nothing(role: str, kind: Kind) -> None:
    row, speaks = kind.make(title="Coral ward"), Console(factories.person(role))

    assert titles(speaks.see(kind.path)) == ["Coral ward"]
    assert f"{kind.path}/new" not in speaks.see(kind.path)
    for path in (f"{kind.path}/new", f"{kind.path}/{row.pk}/change"):
        speaks.see(path, status=403)
        assert speaks.send(path, title="Mine")[0] == 403
    assert Content.objects.get().title == "Coral ward"


def test_address_fills_in_campaign_title_and_picture(comms: User, kind: Kind) -> None:
    campaign, picture, speaks = factories.campaign(), factories.picture(), Console(comms)

    page = speaks.see(f"{kind.path}/new?campaign={campaign.pk}&picture={picture.pk}&title=Ward%20clerk")
    nonsense = form_of(speaks.see(f"{kind.path}/new?campaign=none&picture=999999999999999999999&title=%00"))

    assert f"<h1>New {kind.name}</h1>" in page
    form = form_of(page)
    assert (form["campaign"], form["picture"], form["title"]) == (str(campaign.pk), str(picture.pk), "Ward clerk")
    assert (nonsense["campaign"], nonsense["picture"], nonsense["title"]) == ("", "", "")


def test_saving_leads_on_to_the_pictures_and_back_and_to_the_channels(comms: User, kind: Kind) -> None:
    row, older, speaks = kind.make(), factories.picture(alt_text="The pier at dusk"), Console(comms)
    for _ in range(12):
        factories.picture()
    address = f"{kind.path}/{row.pk}/change"
    form = form_of(speaks.see(address))

    answer = speaks.client.post(f"/console{address}", form | {"title": "Saved", "do": "pictures"})

    assert Content.objects.get().title == "Saved"
    assert answer.headers["Location"] == f"/console/pictures?next=%2Fconsole{address.replace('/', '%2F')}"
    chosen = f"/console{address}?picture={older.pk}"
    assert f'href="{chosen}"' in speaks.see(answer.headers["Location"].removeprefix("/console"))
    page = speaks.see(chosen.removeprefix("/console"))
    assert "Save to keep it." in page
    assert form_of(page)["picture"] == str(older.pk)
    answer = speaks.client.post(f"/console{address}", form_of(page) | {"do": "compose"})
    assert answer.headers["Location"] == f"/console/compose/{row.pk}"
    assert Content.objects.get().picture == older


def test_picture_that_is_not_there_is_refused_beside_it(comms: User, kind: Kind) -> None:
    row, speaks = kind.make(), Console(comms)
    form = form_of(speaks.see(f"{kind.path}/{row.pk}/change"))

    _, page = speaks.send(f"{kind.path}/{row.pk}/change", **form | {"picture": "999", "slug": "No spaces"})

    assert "Select a valid choice." in re.findall(r'id="id_picture_error">(.*?)</p>', page)[0]
    assert '<a href="#id_picture">Picture: ' in page
    assert 'id="id_picture">' in page


def test_pages_cost_few_queries(django_assert_max_num_queries: DjangoAssertNumQueries, comms: User, kind: Kind) -> None:
    for _ in range(3):
        row = kind.make(campaign=factories.campaign(), picture=factories.picture())
    for _ in range(14):
        factories.picture()
    Organisation.current()
    speaks = Console(comms)

    for path in (kind.path, f"{kind.path}/new", f"{kind.path}/{row.pk}/change?picture=1"):
        with django_assert_max_num_queries(12):
            speaks.see(path)
