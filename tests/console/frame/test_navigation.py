"""Where the sidebar says that one is."""

from __future__ import annotations

import re

import pytest

from backend.console.frame import navigation
from tests import factories
from tests.console.frame.test_every_page import PAGES
from tests.console.speaking import Console

pytestmark = pytest.mark.django_db
BY_ITS_ROW = {"content", "submit_content", "withdraw_content", "archive_content"}
BY_ITS_ROW |= {"fill_vacancy", "withdraw_vacancy", "cancel_event"}
NOWHERE = {"search", "palette", "components", "link_code", "account", "confirm_person", "change_email"}
NOWHERE |= {"change_password", "add_authenticator", "add_passkey", "notifications", "new_destination", "destination"}
"""Pages that the sidebar does not lead to, fragments and files."""


def test_every_page_belongs_to_one_place() -> None:
    families = [place.family for _, places in navigation.GROUPS for place in places]
    belongs = {pattern.name: sum(pattern.name in family for family in families) for pattern in PAGES}

    assert {name for name, number in belongs.items() if number == 0} == BY_ITS_ROW | NOWHERE
    assert max(belongs.values()) == 1


@pytest.mark.parametrize("role", ["comms", "hr", "reader"])
def test_page_of_a_content_stands_at_the_place_of_its_kind(role: str) -> None:
    speaks = Console(factories.person(role))
    for row, place in (
        (factories.event(), "Events"),
        (factories.vacancy(), "Jobs"),
        (factories.blog_entry(), "Blog"),
        (factories.bulletin(), "Bulletins"),
    ):
        assert lit(speaks, f"/content/{row.pk}") == [place]
        if role == "comms":
            assert lit(speaks, f"/content/{row.pk}/withdraw") == [place]


def lit(speaks: Console, path: str) -> list[str]:
    sidebar = speaks.see(path).split('<nav class="side"')[1].split("</nav>")[0]
    return re.findall(r'aria-current="page"><svg.*?</svg>([^<]+)</a>', sidebar)
