"""WordPress over the network: one key is one published post, however the sends meet, and every end has its name."""

from __future__ import annotations

import html
import threading
import time
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError

from scheduler.channels.contract import (
    CannotRead,
    ChannelError,
    DoesNotFit,
    Draft,
    NotSent,
    OutcomeUnknown,
    Payload,
    Receipt,
)
from scheduler.channels.wordpress.adapter import WordPress
from scheduler.connections.adapter_context import adapter_context
from tests.scheduler.channels.remote_channel import (
    ALL_FAULTS,
    SERVER_FAULTS,
    Fault,
    RemotePost,
    WordsDocument,
    plain_document,
)
from tests.scheduler.channels.test_contract import LINK, new_key, picture
from tests.servers import wordpress_like
from tests.servers.control import clean


def connected(address: str, password: str = wordpress_like.APPLICATION_PASSWORD, **settings: Any) -> WordPress:
    known = {"address": address, "username": wordpress_like.USERNAME, **settings}
    secrets = WordPress.Secrets.model_validate({"application_password": password})
    return WordPress(WordPress.Settings.model_validate(known), secrets, adapter_context())  # type: ignore[arg-type]


class Blog:
    """WordPress, as its own side sees it."""

    faults = ALL_FAULTS
    signs_in = True

    def __init__(self) -> None:
        self.server = clean("tests.servers.wordpress_like")

    def adapter(self, *, signed_in: bool = True) -> WordPress:
        return connected(self.server.address) if signed_in else connected(self.server.address, "ended")

    def go_wrong(self, fault: Fault) -> None:
        self.server.go_wrong(SERVER_FAULTS[fault], seconds=7)

    def published(self) -> list[dict[str, Any]]:
        return [row for row in self.server.posts() if row["status"] == "publish"]

    def posts(self) -> list[RemotePost]:
        alt_texts = {file["id"]: html.unescape(file["alt_text"]) for file in self.media()}
        return [
            RemotePost(
                html.unescape(row["content"]), (alt_texts[row["featured_media"]],) if "featured_media" in row else ()
            )
            for row in self.published()
        ]

    def media(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.server.control("media")["media"]
        return found

    def calls(self) -> list[str]:
        """Like `GET posts/11`."""
        routes = [(each["method"], parse_qs(urlsplit(each["path"]).query)) for each in self.server.requests()]
        return [f"{method} {query['rest_route'][0].removeprefix('/wp/v2/')}" for method, query in routes]

    def document(self, text: str) -> WordsDocument:
        return plain_document(text)


@contextmanager
def remote_channel(_: Path) -> Iterator[Blog]:
    yield Blog()


@pytest.fixture
def blog() -> Blog:
    return Blog()


def draft(text: str = "Join our wards.", **more: Any) -> Draft:
    return Draft(**{"title": "Nurse", "text": text, "link": LINK, "document": plain_document(text), **more})


@pytest.fixture
def payload(blog: Blog) -> Payload:
    return blog.adapter().compose(draft())


def send(blog: Blog, payload: Payload, key: str, timeout: float = 10.0) -> Receipt:
    return blog.adapter().send(payload, key=key, timeout=timeout)


def until(blog: Blog, call: str) -> None:
    """Waits for a call to have come in."""
    ends_at = time.monotonic() + 5
    while call not in blog.calls():
        assert time.monotonic() < ends_at
        time.sleep(0.01)


def test_what_is_published(blog: Blog) -> None:
    document = WordsDocument(html="<h2>Our “ward”</h2>", summary="All of it.")
    adapter = connected(blog.server.address, categories=["jobs"], tags=["Nursing"])
    payload = adapter.compose(draft("Nurse\n\nR&D <now>", title="Nurse & midwife", document=document))
    receipt = adapter.send(payload, key=new_key(), timeout=5)

    (row,) = blog.published()
    assert row["title"] == "Nurse &amp; midwife"
    assert row["excerpt"] == "Nurse\n\nR&amp;D &lt;now&gt;"
    assert row["content"] == f'<h2>Our “ward”</h2>\n<p><a href="{LINK}">{LINK}</a></p>'
    assert (row["categories"], row["tags"]) == ([5], [8])
    assert receipt.remote_id == str(row["id"])
    assert row["slug"] in receipt.url


def test_a_default_wording_does_not_repeat_the_title(blog: Blog) -> None:
    body = blog.adapter().compose(draft("Nurse\n\nJoin us.")).body
    assert body["excerpt"] == "Join us."
    document = WordsDocument(html="<p>x</p>", summary="All.")
    assert blog.adapter().compose(draft("Nurse", document=document)).body["excerpt"] == "All."


def test_text_alone_becomes_paragraphs_and_its_link_a_link(blog: Blog) -> None:
    text = f"One & [gallery]\nline.\n\nSee {LINK} or {LINK}x."
    body = blog.adapter().compose(draft(text, document=None, hashtags=("NHS",))).body
    assert body["content"] == (
        f'<p>One &amp; &#91;gallery]<br>line.</p>\n<p>See <a href="{LINK}">{LINK}</a> or {LINK}x. #NHS</p>'
    )
    assert body["excerpt"] == ""


def test_a_link_that_stands_in_the_whole_text_is_not_repeated(blog: Blog) -> None:
    whole = f'<p><a href="{LINK}">Apply</a></p>'
    assert blog.adapter().compose(draft(document=WordsDocument(html=whole))).body["content"] == whole


def test_a_title_is_needed(blog: Blog) -> None:
    with pytest.raises(DoesNotFit, match="needs a title"):
        blog.adapter().compose(draft(title=" "))


def test_a_second_picture_is_refused(blog: Blog) -> None:
    with pytest.raises(DoesNotFit, match="allows 1 pictures"):
        blog.adapter().compose(draft(pictures=(picture("a"), picture("b"))))


def test_without_care_the_same_slug_twice_is_two_posts(blog: Blog) -> None:
    """What the other tests here rely on: this is how WordPress behaves."""
    blog.server.go_wrong(gap=0.2)
    adapter = blog.adapter()

    def post(_: int) -> None:
        adapter._client.call(lambda site: site.make_draft("nurse", {"title": "Nurse"}), 5)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(post, range(2)))
    post(3)

    assert [row["slug"] for row in blog.server.posts()] == ["nurse", "nurse", "nurse-2"]


@pytest.mark.parametrize("gap", [0.0, 0.03])
def test_ten_sends_at_once_with_one_key_are_one_post(blog: Blog, payload: Payload, gap: float) -> None:
    blog.server.go_wrong(gap=gap)
    key = new_key()

    def attempt(_: int) -> Receipt | None:
        try:
            return send(blog, payload, key)
        except NotSent:
            return None

    with ThreadPoolExecutor(10) as pool:
        receipts = set(pool.map(attempt, range(10))) - {None}

    (row,) = blog.published()
    assert {receipt.remote_id for receipt in receipts if receipt} == {str(row["id"])}
    assert send(blog, payload, key).remote_id == str(row["id"])
    assert len(blog.server.posts()) == 1


def test_a_draft_that_comes_late_is_not_published_too(blog: Blog, payload: Payload) -> None:
    """Its number is the lower one, since its insert began first."""
    blog.server.go_wrong(inserts=[1.0])
    key = new_key()
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(send, blog, payload, key)
        until(blog, "POST posts")
        time.sleep(0.2)
        prompt = send(blog, payload, key)
        assert len(blog.published()) == 1
        assert late.result() == prompt
    assert len(blog.server.posts()) == 1


def test_a_rival_that_deletes_our_draft_publishes_for_us(blog: Blog, payload: Payload) -> None:
    """The second was listed alone, and while its publishing is on the way the first, of a lower number, appears."""
    blog.server.go_wrong("slow", seconds=1.5, inserts=[0.8])
    key = new_key()
    with ThreadPoolExecutor(1) as pool:
        late = pool.submit(send, blog, payload, key)
        until(blog, "POST posts")
        time.sleep(0.2)
        prompt = send(blog, payload, key)
        assert late.result() == prompt
    (row,) = blog.published()
    assert row["id"] == 10
    assert any(call.startswith("DELETE posts/11") for call in blog.calls())


def test_a_send_cut_off_after_its_draft_is_taken_over(blog: Blog, payload: Payload) -> None:
    blog.server.go_wrong(inserts=[0.6])
    key = new_key()
    with pytest.raises(NotSent) as failed:
        send(blog, payload, key, timeout=0.4)
    assert not failed.value.permanent
    time.sleep(0.5)
    assert [row["status"] for row in blog.server.posts()] == ["draft"]

    assert send(blog, payload, key).remote_id == "10"
    assert len(blog.published()) == 1


def test_a_blog_that_hides_our_draft_gets_no_post(blog: Blog, payload: Payload) -> None:
    blog.server.go_wrong(read_lag=60)
    with pytest.raises(NotSent) as failed:
        send(blog, payload, new_key())
    assert failed.value.code == "draft_not_listed"
    assert blog.published() == []


def test_a_blog_that_changes_slugs_gets_no_post(blog: Blog, payload: Payload) -> None:
    blog.server.go_wrong(slug_plugin=True)
    with pytest.raises(NotSent, match="plug-in"):
        send(blog, payload, new_key())
    assert blog.published() == []


@pytest.mark.parametrize(
    "fault", ["accept_then_hang", "accept_then_drop", "502_after", "trickle", "malformed_200", "empty_200", "huge_200"]
)
def test_published_without_a_clear_answer_is_unknown_and_found_again(blog: Blog, payload: Payload, fault: str) -> None:
    blog.server.go_wrong(fault)
    key = new_key()
    with pytest.raises(OutcomeUnknown):
        send(blog, payload, key, timeout=1.5)
    found = blog.adapter().find(key=key, link="", timeout=5)
    assert found is not None
    assert [str(row["id"]) for row in blog.published()] == [found.remote_id]
    assert send(blog, payload, key) == found


def test_server_error_before_publishing_is_unknown_and_sent_again_once(blog: Blog, payload: Payload) -> None:
    blog.server.go_wrong("500_before")
    key = new_key()
    with pytest.raises(OutcomeUnknown):
        send(blog, payload, key)
    assert blog.adapter().find(key=key, link="", timeout=5) is None
    send(blog, payload, key)
    assert len(blog.server.posts()) == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [("403", "not allowed to publish posts & pages"), ("redirect", "uses https://www.blog.example.org. Enter")],
)
def test_refusal_repeats_what_helps(blog: Blog, payload: Payload, fault: str, said: str) -> None:
    blog.server.go_wrong(fault)
    with pytest.raises(NotSent, match=said) as failed:
        send(blog, payload, new_key())
    assert failed.value.permanent
    assert blog.published() == []


def test_a_post_kept_for_review_is_told(blog: Blog, payload: Payload) -> None:
    blog.server.go_wrong(reviewed=True)
    with pytest.raises(NotSent, match="review") as failed:
        send(blog, payload, new_key())
    assert failed.value.permanent


def test_a_category_that_is_not_there_is_named_before_anything_is_made(blog: Blog) -> None:
    adapter = connected(blog.server.address, categories=["jobs", "pets"])
    with pytest.raises(NotSent, match="“pets”") as failed:
        adapter.send(adapter.compose(draft()), key=new_key(), timeout=5)
    assert failed.value.permanent
    assert blog.server.posts() == []
    health = adapter.check(timeout=5)
    assert not health.ok
    assert "“pets”" in health.message


def test_a_picture_is_uploaded_once_and_goes_with_its_post(blog: Blog) -> None:
    adapter, key = blog.adapter(), new_key()
    payload = adapter.compose(draft(pictures=(picture("a < b & c"),)))
    blog.server.go_wrong("500_before")
    with pytest.raises(OutcomeUnknown):
        adapter.send(payload, key=key, timeout=5)
    receipt = adapter.send(payload, key=key, timeout=5)

    (file,) = blog.media()
    assert (file["parent"], file["alt_text"]) == (int(receipt.remote_id), "a &lt; b & c")
    adapter.delete(receipt, timeout=5)
    assert blog.media() == blog.server.posts() == []


def test_a_post_of_the_blog_that_was_connected_before_is_nobody_elses_number(blog: Blog, payload: Payload) -> None:
    theirs = send(blog, payload, new_key())
    for number in (theirs.remote_id, "4711"):
        ours = Receipt(number, f"https://old-blog.example.org/{new_key()}/")
        with pytest.raises(NotSent, match="Delete it at https://old-blog") as refusal:
            blog.adapter().delete(ours, timeout=5)
        assert refusal.value.permanent
    assert len(blog.published()) == 1


def test_a_refused_picture_leaves_nothing_published(blog: Blog) -> None:
    blog.server.go_wrong(media_fault="refuse")
    with pytest.raises(NotSent):
        send(blog, blog.adapter().compose(draft(pictures=(picture("a"),))), new_key())
    assert blog.published() == []


def test_outage_says_nothing_about_the_post(blog: Blog, payload: Payload) -> None:
    key = new_key()
    send(blog, payload, key)
    blog.server.go_wrong(read_outage=True)
    with pytest.raises(CannotRead):
        blog.adapter().find(key=key, link="", timeout=5)


def test_health_names_the_account_and_what_it_may_not_do(blog: Blog) -> None:
    health = blog.adapter().check(timeout=5)
    assert (health.ok, health.account) == (True, wordpress_like.ACCOUNT)
    blog.server.go_wrong(able={"publish_posts": False, "upload_files": False})
    health = blog.adapter().check(timeout=5)
    assert not health.ok
    assert "cannot publish or upload pictures" in health.message


def test_no_answer_says_nothing_about_health() -> None:
    with pytest.raises(CannotRead):
        connected("http://127.0.0.1:9").check(timeout=1)


@pytest.mark.parametrize("fault", ["401", "403", "429", "502_after", "accept_then_drop", "malformed_200"])
def test_no_secret_in_any_error(blog: Blog, payload: Payload, fault: str) -> None:
    blog.server.go_wrong(fault)
    adapter = blog.adapter()
    with pytest.raises(ChannelError) as failed:
        adapter.send(payload, key=new_key(), timeout=5)
    told = "".join(traceback.format_exception(failed.value)) + repr(failed.value) + repr(vars(adapter))
    assert wordpress_like.APPLICATION_PASSWORD not in told


@pytest.mark.parametrize(
    "settings",
    [
        {"address": "ftp://blog.example.org"},
        {"address": "https://user:word@blog.example.org"},
        {"username": "a:b"},
        {"categories": ["a b"]},
        {"tags": ["a,b"]},
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        connected(**{"address": "https://blog.example.org", **settings})


def test_abandoned_calls_leave_no_thread_behind(blog: Blog, payload: Payload) -> None:
    blog.server.go_wrong("accept_then_hang")
    with pytest.raises(OutcomeUnknown):
        send(blog, payload, new_key(), timeout=1.0)
    for thread in threading.enumerate():
        if thread.name == "call":
            thread.join(5)
    assert "call" not in [thread.name for thread in threading.enumerate()]
