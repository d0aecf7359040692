"""What a send to WordPress leaves on the blog when requests are repeated, answers are lost, or a step is refused: one
post, or nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from scheduler.channels.contract import NotSent, Payload
from scheduler.channels.wordpress.adapter import WordPress
from tests.scheduler.channels.test_contract import new_key, picture
from tests.scheduler.channels.test_wordpress import Blog, connected, draft, send
from tests.servers.control import Server, call, clean
from tests.servers.running import running


@pytest.fixture
def blog() -> Blog:
    return Blog()


@pytest.fixture
def payload(blog: Blog) -> Payload:
    return blog.adapter().compose(draft())


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """In front of the blog."""
    to = clean("tests.servers.wordpress_like").address
    with running("tests.servers.dropping_proxy", tmp_path_factory.mktemp("proxy"), "--to", to) as address:
        yield address


def behind(proxy: str, **faults: Any) -> WordPress:
    """A blog behind a proxy that does this."""
    Server(proxy).reset()
    call(f"{proxy}/_control/faults", faults)
    return connected(proxy)


@pytest.mark.parametrize("after", [0.0, 0.02, 0.1])
@pytest.mark.parametrize("pictures", [0, 1])
def test_a_proxy_that_sends_all_twice_leaves_one_post_and_nothing_else(
    blog: Blog, proxy: str, after: float, pictures: int
) -> None:
    adapter = behind(proxy, repeat_after=after)
    blog.server.go_wrong("slow", "ok", seconds=0.3)
    payload = adapter.compose(draft(pictures=(picture("a"),) * pictures))

    receipt = adapter.send(payload, key=new_key(), timeout=5)

    time.sleep(after + 0.1)
    assert blog.calls().count("POST posts") == 2
    (row,) = blog.server.posts()
    assert (str(row["id"]), row["status"]) == (receipt.remote_id, "publish")
    assert len(blog.media()) == pictures or after


def test_a_draft_whose_answer_was_lost_on_the_way_is_used_by_the_next_try(
    blog: Blog, proxy: str, payload: Payload
) -> None:
    adapter, key = behind(proxy, queue=["accept_then_drop"]), new_key()
    with pytest.raises(NotSent) as failed:
        adapter.send(payload, key=key, timeout=5)
    assert not failed.value.permanent

    receipt = adapter.send(payload, key=key, timeout=5)

    assert [str(row["id"]) for row in blog.server.posts()] == [receipt.remote_id]


@pytest.mark.parametrize("fault", ["403", "refuse_400", "429", "401"])
def test_a_refused_post_leaves_no_draft(blog: Blog, payload: Payload, fault: str) -> None:
    blog.server.go_wrong(fault)
    with pytest.raises(NotSent):
        send(blog, payload, new_key())
    assert blog.server.posts() == []


def test_a_refused_picture_leaves_no_draft(blog: Blog) -> None:
    blog.server.go_wrong(media_fault="refuse")
    with pytest.raises(NotSent):
        send(blog, blog.adapter().compose(draft(pictures=(picture("a"),))), new_key())
    assert blog.server.posts() == blog.media() == []


def test_a_draft_that_the_blog_hides_from_us_is_deleted_by_its_number(blog: Blog, payload: Payload) -> None:
    blog.server.go_wrong(slug_plugin=True)
    with pytest.raises(NotSent):
        send(blog, payload, new_key())
    assert blog.server.posts() == []


def test_a_post_kept_for_review_stays_for_whoever_reviews_it(blog: Blog, payload: Payload) -> None:
    blog.server.go_wrong(reviewed=True)
    with pytest.raises(NotSent):
        send(blog, payload, new_key())
    assert [row["status"] for row in blog.server.posts()] == ["pending"]
