"""Pictures on X: uploaded first, described, and then attached; a failed upload leaves nothing behind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler.channels.contract import DoesNotFit, Draft, NotSent, Picture
from scheduler.channels.x.adapter import X
from tests.scheduler.channels.conftest import LINK
from tests.scheduler.channels.test_contract import picture
from tests.servers.control import Server

DESCRIBED = picture("Two nurses at the ward's desk.")


def draft(*pictures: Picture, text: str = "Join our wards.", link: str = "") -> Draft:
    return Draft(title="", text=text, link=link, pictures=pictures)


def test_four_pictures_go_along_in_order(x: X, server: Server) -> None:
    four = [replace(DESCRIBED, alt_text=f"Picture {number}") for number in range(4)]
    x.send(x.compose(draft(*four)), key="", timeout=5.0)

    assert server.posts()[0]["alt_texts"] == [each.alt_text for each in four]


def test_a_fifth_is_refused_in_words(x: X) -> None:
    with pytest.raises(DoesNotFit, match="allows 4 pictures"):
        x.compose(draft(*[DESCRIBED] * 5))


def test_alternative_text_that_x_would_refuse_is_refused_here(x: X) -> None:
    with pytest.raises(DoesNotFit, match="1000 characters of alt text"):
        x.compose(draft(replace(DESCRIBED, alt_text="a" * 1001)))


def test_a_picture_that_x_does_not_take_is_refused_and_nothing_is_posted(x: X, server: Server) -> None:
    broken = replace(DESCRIBED, data=b"no picture")

    with pytest.raises(NotSent) as refusal:
        x.send(x.compose(draft(broken)), key="", timeout=5.0)

    assert refusal.value.permanent
    assert "The media is not valid" in str(refusal.value)
    assert server.posts() == []


def test_a_post_with_a_link_costs_more(x: X) -> None:
    assert x.compose(draft()).price == 15
    assert x.compose(draft(link=LINK)).price == 200
