"""Search in the console: each kind of hit leads to its row, for those who may see it, and what is left out is said."""

from __future__ import annotations

import pytest

from backend import search
from backend.accounts.models import User
from backend.console.frame import search as page
from tests import factories
from tests.api.recruiting import hiring
from tests.console.speaking import Console

pytestmark = pytest.mark.django_db


def made(kind: str) -> str:
    """One row that is found by the word Quayside; what stands on its page."""
    name = "Quayside & more"
    if kind == "team":
        for number in range(35):
            factories.team(name=f"Amber ward {number}")
    rows = {
        "content": lambda: factories.approved_blog_entry(title=name),
        "campaign": lambda: factories.campaign(name=name),
        "channel": lambda: factories.channel(name=name),
        "team": lambda: factories.team(name=name),
        "person": lambda: User.objects.create_person(email="quay@example.org", name=name, role="reader"),
    }
    rows[kind]()
    return name


@pytest.mark.parametrize("path", ["/search", "/palette"])
@pytest.mark.parametrize("kind", ["content", "campaign", "channel", "team", "person"])
def test_hit_leads_to_its_row(admin: User, kind: str, path: str) -> None:
    name = made(kind)
    speaks = Console(admin)

    assert name in speaks.see(speaks.leads(f"{path}?q=quays", name)).split("<main")[1]


@pytest.mark.parametrize("path", ["/search", "/palette"])
def test_hr_finds_a_candidate_by_the_whole_reference_and_others_nothing(hr: User, comms: User, path: str) -> None:
    row = hiring.candidate()
    speaks = Console(hr)

    found = speaks.leads(f"{path}?q={row.reference.lower()}", row.reference)

    assert found == f"/candidates/{row.pk}"
    assert f"<h1>{row.reference}" in speaks.see(found)
    assert f"/candidates/{row.pk}" not in Console(comms).see(f"{path}?q={row.reference}")
    assert f"/candidates/{row.pk}" not in speaks.see(f"{path}?q={row.reference[:-1]}")


def test_number_is_told_as_what_it_is(comms: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "AT_MOST", 2)
    monkeypatch.setattr(page, "MORE", 3)
    speaks = Console(comms)
    for number in range(2):
        factories.channel(name=f"Quayside {number}")
    assert "2 found for" in speaks.see("/search?q=quayside")

    for number in range(2, 4):
        factories.channel(name=f"Quayside {number}")
    factories.blog_entry(title="Quayside")
    page_ = speaks.see("/search?q=quayside")
    assert "3 or more found for" in page_
    assert page_.count('class="title" href="/console/channels/') == 2

    more = speaks.see(speaks.leads("/search?q=quayside", "Show more"))
    assert "4 or more found for" in more
    assert "Add a word to narrow your search." in more
    factories.channel(name="Quayside of the north")
    assert "1 found for" in speaks.see("/search?q=quayside+north&more=1")


def test_null_character_is_left_out(comms: User) -> None:
    factories.channel(name="Quayside")

    assert "1 found for “quayside”" in Console(comms).see("/search?q=%00quayside")
