"""Where a wording names the content's own page, readers get the tracked link there, and once."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.planning.models import Channel
from campaigns.website import addresses
from scheduler.posts import drafts, own_addresses
from tests import factories
from tests.scheduler.conftest import Remote, make_due, send

LINK = "https://go.example.org/r/nurs3s77"
PAGE = "https://riverside.example.org/blog/night-shift"
APPLY = "https://jobs.example.org/apply?id=5"


def put(text: str, *own: str) -> str:
    return own_addresses.put_link(text, LINK, own or [PAGE, APPLY])


@pytest.mark.parametrize(
    "written",
    [
        PAGE,
        "http://riverside.example.org/blog/night-shift",
        "https://riverside.example.org/blog/night-shift/",
        "HTTPS://Riverside.Example.ORG/blog/night-shift",
        "riverside.example.org/blog/night-shift",
        "https://riverside.example.org:443/blog/night-shift",
        f"{PAGE}?utm_source=x&utm_medium=social",
        f"{PAGE}/?UTM_campaign=a&fbclid=b",
        f"{PAGE}#heading-pay",
        "https://riverside.example.org/blog/night%2Dshift",
        APPLY,
        f"{APPLY}&utm_source=x",
        "https://jobs.example.org/apply/?utm_source=x&id=5",
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "Read {}.", "Read ({}), please", "Read {}!\nNow", "“{}”", "{} – and {}?", "{}…"]
)
def test_every_form_of_it_becomes_the_tracked_link(written: str, around: str) -> None:
    assert put(around.format(written, written)) == around.format(LINK, LINK)


@pytest.mark.parametrize(
    "written",
    [
        f"{PAGE}-2",
        f"{PAGE}/more",
        f"{PAGE}?page=2",
        "https://riverside.example.org/",
        "https://riverside.example.org",
        "https://riverside.example.org/blog/Night-Shift",
        "https://riverside.example.org:8443/blog/night-shift",
        "https://riverside.example.org.evil.example/blog/night-shift",
        "https://www.riverside.example.org/blog/night-shift",
        "mail@riverside.example.org/blog/night-shift",
        "https://jobs.example.org/apply?id=6",
        "https://jobs.example.org/apply",
        "https://riverside.example.org:99999/blog/night-shift",
        LINK,
    ],
)
def test_another_address_stays(written: str) -> None:
    assert put(f"Read {written}.") == f"Read {written}."


def test_without_an_address_of_its_own_nothing_changes() -> None:
    assert put(PAGE, "") == PAGE


@pytest.mark.parametrize("address", ["page", "apply"])
def test_the_post_has_the_tracked_link_once(channel: Channel, remote: Remote, address: str) -> None:
    of: Any = factories.vacancy() if address == "apply" else factories.blog_entry()
    own = of.apply_url if address == "apply" else addresses.page_of(of)
    publication = factories.publication(of=of, on=channel, wording=f"Join us: {own}/?utm_source=x.")
    link = drafts.link_of(publication)
    assert drafts.preview(publication).text == f"Join us: {link}."

    factories.approved(of)
    assert send(make_due(publication)) == "sent"
    assert publication.sent_post.text == f"Join us: {link}."
