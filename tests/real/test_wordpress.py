"""The WordPress adapter against WordPress itself, installed by tests/real/wordpress/install.sh."""

from __future__ import annotations

import html
import json
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from scheduler.channels.contract import CannotRead, ChannelError, Draft, NotSent, Receipt
from scheduler.channels.wordpress.adapter import WordPress
from scheduler.connections.adapter_context import adapter_context
from tests.real.wordpress import server
from tests.scheduler.channels import test_contract
from tests.scheduler.channels.remote_channel import ALL_FAULTS, Fault, RemotePost, WordsDocument, plain_document
from tests.scheduler.channels.test_contract import LINK, draft, new_key, picture

# The whole contract, with this module's `remote`.
globals().update({name: each for name, each in vars(test_contract).items() if name.startswith("test_")})

pytestmark = pytest.mark.django_db


class Blog:
    faults = ALL_FAULTS
    signs_in = True

    def __init__(self, blog: server.Running) -> None:
        self.blog = blog

    def control(self, action: str, wanted: dict[str, str] | None = None, **query: str) -> Any:
        where = urllib.parse.urlencode({"rest_route": f"/other-side/v1/{action}", **query})
        data = None if wanted is None else urllib.parse.urlencode(wanted).encode()
        with urllib.request.urlopen(f"{self.blog.address}/?{where}", data, timeout=20) as answer:
            return json.load(answer)

    def adapter(self, *, signed_in: bool = True, role: str = "author", **more: Any) -> WordPress:
        settings = WordPress.Settings.model_validate({"address": self.blog.address, "username": role, **more})
        password = self.blog.passwords[role] if signed_in else "ended"
        secrets = WordPress.Secrets.model_validate({"application_password": password})
        return WordPress(settings, secrets, adapter_context())  # type: ignore[arg-type]

    def go_wrong(self, fault: Fault) -> None:
        self.control("fault", {"fault": fault})

    def rows(self, kind: str = "post") -> list[dict[str, Any]]:
        return self.control("posts", type=kind)

    def published(self) -> list[dict[str, Any]]:
        return [row for row in self.rows() if row["status"] == "publish"]

    def posts(self) -> list[RemotePost]:
        return [
            RemotePost(html.unescape(row["content"]), (html.unescape(row["alt_text"]),) if row["picture"] else ())
            for row in self.published()
        ]

    def document(self, text: str) -> WordsDocument:
        return plain_document(text)


@pytest.fixture
def remote(wordpress: server.Running) -> Blog:
    blog = Blog(wordpress)
    blog.control("reset", {})
    return blog


def test_wordpress_gives_a_repeated_slug_a_new_ending(remote: Blog) -> None:
    """Why the adapter takes care: this is what others get."""
    for _ in range(2):
        remote.adapter()._client.call(lambda site: site.make_draft("nurse", {"title": "Nurse"}), 20)

    assert [row["slug"] for row in remote.rows()] == ["nurse", "nurse-2"]


@pytest.mark.parametrize("run", range(3))
def test_ten_sends_at_once_with_one_key_are_one_post(remote: Blog, run: int) -> None:
    payload, key = remote.adapter().compose(draft(remote)), new_key()

    def attempt(_: int) -> Receipt | None:
        try:
            return remote.adapter().send(payload, key=key, timeout=60.0)
        except NotSent:
            return None

    with ThreadPoolExecutor(10) as pool:
        receipts = {receipt.remote_id for receipt in pool.map(attempt, range(10)) if receipt}

    (post,) = remote.published()
    assert receipts == {str(post["id"])}
    assert remote.adapter().send(payload, key=key, timeout=20.0).remote_id == str(post["id"])
    assert len(remote.rows()) == 1


def test_sends_that_are_cut_off_anywhere_end_as_one_post(remote: Blog) -> None:
    payload, key = remote.adapter().compose(draft(remote)), new_key()
    for hundredths in range(2, 40, 2):
        try:
            remote.adapter().send(payload, key=key, timeout=hundredths / 100)
        except ChannelError:
            continue

    receipt = remote.adapter().send(payload, key=key, timeout=30.0)
    (post,) = remote.published()
    assert receipt == remote.adapter().find(key=key, link="", timeout=20.0)
    assert str(post["id"]) == receipt.remote_id


def test_readers_see_what_was_written(remote: Blog) -> None:
    adapter = remote.adapter(categories=["jobs"])
    words = f"R&D <b> [gallery] 👋\nline\n\n{LINK}"
    payload = adapter.compose(
        Draft(title="Nurse & <i>midwife</i>", text=words, link=LINK, document=WordsDocument(summary="A < B"))
    )
    receipt = adapter.send(payload, key=new_key(), timeout=20.0)

    (post,) = remote.published()
    assert html.unescape(post["title"]) == "Nurse & <i>midwife</i>"
    assert html.unescape(post["excerpt"]) == "A < B"
    assert "R&amp;D &lt;b&gt; &#091;gallery] 👋<br" in post["shown"]
    assert f'<p><a href="{LINK}">{LINK}</a></p>' in post["shown"]
    assert post["categories"] == ["jobs"]
    with urllib.request.urlopen(receipt.url, timeout=20) as page:
        assert page.status == 200


def test_a_picture_is_taken_down_with_its_post(remote: Blog) -> None:
    adapter = remote.adapter()
    payload = adapter.compose(draft(remote, pictures=(picture("Ward < desk & “door”"),)))
    receipt = adapter.send(payload, key=new_key(), timeout=20.0)
    assert remote.posts()[0].alt_texts == ("Ward < desk & “door”",)
    assert len(remote.rows("attachment")) == 1

    adapter.delete(receipt, timeout=20.0)
    assert remote.rows("attachment") == remote.rows() == []


def test_an_account_that_may_not_publish_is_told(remote: Blog) -> None:
    adapter = remote.adapter(role="contributor")
    health = adapter.check(timeout=20.0)
    assert not health.ok
    assert "cannot publish" in health.message

    with pytest.raises(NotSent) as refusal:
        adapter.send(adapter.compose(draft(remote)), key=new_key(), timeout=20.0)
    assert refusal.value.permanent
    assert remote.published() == []


def test_whom_the_blog_does_not_know_is_told_so(remote: Blog) -> None:
    with pytest.raises(CannotRead) as failed:
        remote.adapter(signed_in=False).find(key=new_key(), link="", timeout=20.0)
    assert failed.value.code == "needs_sign_in"


def test_a_category_that_is_not_there_is_named(remote: Blog) -> None:
    assert "“pets”" in remote.adapter(categories=["jobs", "pets"]).check(timeout=20.0).message
