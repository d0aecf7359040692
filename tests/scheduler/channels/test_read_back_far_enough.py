"""A post is never said to be missing because newer ones stand before it: it would go out a second time."""

from __future__ import annotations

import importlib
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scheduler.channels.contract import CannotRead, Receipt
from scheduler.channels.lib import recent_posts
from tests.scheduler.channels.test_contract import LINK, TIMEOUT, draft, new_key

SIZES = {"x": "POSTS_READ", "linkedin": "POSTS_READ", "facebook": "POSTS_READ", "mastodon": "POSTS_READ"}
PAGE, NEWER = 5, 12  # X gives no fewer than five at a time
HOUR = 3_600_000 << 80
"""In a key, whose first 48 bits are milliseconds."""

pytestmark = pytest.mark.django_db


@pytest.fixture(params=SIZES)
def remote(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """With pages of a few posts."""
    monkeypatch.setattr(f"scheduler.channels.{request.param}.client.{SIZES[request.param]}", PAGE)
    with importlib.import_module(f"tests.scheduler.channels.test_{request.param}").remote_channel(tmp_path) as remote:
        yield remote


def send(remote: Any, key: str, number: int | str = "") -> Receipt:
    adapter = remote.adapter()
    composed = adapter.compose(draft(remote, f"Post {number} of the ward.", link=f"{LINK}{number}"))
    receipt: Receipt = adapter.send(composed, key=key, timeout=TIMEOUT)
    return receipt


def find(remote: Any, key: str) -> Receipt | None:
    found: Receipt | None = remote.adapter().find(key=key, link=LINK, timeout=TIMEOUT)
    return found


def test_a_post_is_found_behind_pages_of_newer_ones(remote: Any) -> None:
    key = new_key()
    ours = send(remote, key)
    for number in range(NEWER):
        send(remote, new_key(), number)

    assert find(remote, key) == ours
    assert find(remote, "") == ours  # its key was lost with what a backup did not hold


def test_a_post_that_nobody_sent_is_missing_once_all_pages_were_read(remote: Any) -> None:
    for number in range(NEWER):
        send(remote, new_key(), number)

    assert find(remote, new_key()) is None
    assert find(remote, "") is None


def test_posts_older_than_our_first_try_are_not_read(remote: Any) -> None:
    ours = send(remote, new_key())
    for number in range(NEWER):
        send(remote, new_key(), number)
    in_an_hour = str(uuid.UUID(int=uuid.UUID(new_key()).int + HOUR))

    assert find(remote, new_key()) == ours
    assert find(remote, in_an_hour) is None


def test_more_posts_than_are_gone_through_say_nothing(remote: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent_posts, "PAGE_LIMIT", 2)
    key = new_key()
    send(remote, key)
    for number in range(NEWER):
        send(remote, new_key(), number)

    with pytest.raises(CannotRead, match="too many newer posts") as cannot:
        find(remote, key)
    assert cannot.value.code == "too_many_posts"
