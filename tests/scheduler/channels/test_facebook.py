"""Facebook over the network: its error codes, its pictures, its permissions, and how each call ends."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from scheduler.channels.contract import CannotRead, ChannelError, DoesNotFit, Draft, NotSent, OutcomeUnknown, Picture
from scheduler.channels.facebook.adapter import CANNOT_SEE, Facebook
from scheduler.connections.adapter_context import adapter_context
from tests.scheduler.channels.posting_server import RemotePostingServer
from tests.servers import facebook_like
from tests.servers.control import Server, clean

LINK = "https://go.riverside.example.org/r/nurs3s77"
APP = {"app_id": facebook_like.APP_ID, "app_secret": facebook_like.APP_SECRET}
SECRETS = (facebook_like.PAGE_TOKEN, facebook_like.APP_SECRET)


def connected(address: str, **secrets: str) -> Facebook:
    settings = {"page_id": facebook_like.PAGE, "api_base": address, "oauth_base": f"{address}/"}
    known = {"access_token": facebook_like.PAGE_TOKEN} | secrets
    return Facebook(
        Facebook.Settings.model_validate(settings), Facebook.Secrets.model_validate(known), adapter_context()
    )  # type: ignore[arg-type]


class RemoteFacebook(RemotePostingServer):
    def adapter(self, *, signed_in: bool = True) -> Facebook:
        return connected(self.server.address, **({} if signed_in else {"access_token": "ended"}))


@contextmanager
def remote_channel(_: Path) -> Iterator[RemoteFacebook]:
    yield RemoteFacebook(clean("tests.servers.facebook_like"))


@pytest.fixture
def server() -> Server:
    return clean("tests.servers.facebook_like")


@pytest.fixture
def facebook(server: Server) -> Facebook:
    return connected(server.address)


@pytest.fixture
def draft() -> Draft:
    return Draft(title="Nurse", text="Join our wards as a nurse.", link=LINK)


def send(facebook: Facebook, draft: Draft, timeout: float = 5.0) -> Any:
    return facebook.send(facebook.compose(draft), key="publication-7", timeout=timeout)


def find(facebook: Facebook, link: str = LINK) -> Any:
    return facebook.find(key="publication-7", link=link, timeout=5.0)


def picture(alt_text: str) -> Picture:
    return Picture(b"\x89PNG and more", "image/png", alt_text, 64, 48)


def test_link_is_previewed_and_stands_in_the_words(facebook: Facebook, server: Server, draft: Draft) -> None:
    receipt = send(facebook, draft)
    (post,) = server.posts()
    assert (post["link"], post["text"]) == (LINK, f"{draft.text}\n\n{LINK}")
    assert receipt.url == f"https://www.facebook.com/{post['id']}"


def test_several_pictures_go_along_in_order_and_no_preview(facebook: Facebook, server: Server, draft: Draft) -> None:
    send(facebook, replace(draft, pictures=(picture("Eins – Ü"), picture("Two"))))
    (post,) = server.posts()
    assert (post["alt_texts"], post["link"]) == (["Eins – Ü", "Two"], None)
    assert LINK in post["text"]


def test_too_many_pictures_and_long_descriptions_are_refused_in_words(facebook: Facebook, draft: Draft) -> None:
    with pytest.raises(DoesNotFit, match="Facebook allows 4 pictures"):
        facebook.compose(replace(draft, pictures=(picture("One"),) * 5))
    with pytest.raises(DoesNotFit, match="alt text"):
        facebook.compose(replace(draft, pictures=(picture("a" * 1_001),)))


def test_length_is_counted_in_units(facebook: Facebook) -> None:
    assert facebook.compose(Draft(title="", text="👋" * 31_603, link="")).length == 63_206
    with pytest.raises(DoesNotFit, match="2 over the limit"):
        facebook.compose(Draft(title="", text="👋" * 31_604, link=""))


@pytest.mark.parametrize(("code", "expected", "permanent"), [(2, "not_sent", False), (190, "needs_sign_in", True)])
def test_failed_upload_leaves_nothing_live(
    facebook: Facebook, server: Server, draft: Draft, code: int, expected: str, permanent: bool
) -> None:
    server.go_wrong(upload_fails=code)
    with pytest.raises(NotSent) as failed:
        send(facebook, replace(draft, pictures=(picture("One"),)))
    assert (failed.value.code, failed.value.permanent) == (expected, permanent)
    assert server.posts() == []


def test_pictures_leave_time_for_the_post_or_nothing_is_sent(facebook: Facebook, server: Server, draft: Draft) -> None:
    server.go_wrong(upload_seconds=0.7)
    started = time.monotonic()
    with pytest.raises(NotSent) as failed:
        send(facebook, replace(draft, pictures=(picture("One"),)), timeout=1.0)
    assert time.monotonic() - started < 0.7
    assert not failed.value.permanent
    assert server.posts() == []


@pytest.mark.parametrize("code", [1, 2])
def test_error_of_facebooks_own_is_unknown_whatever_its_status(
    facebook: Facebook, server: Server, draft: Draft, code: int
) -> None:
    server.go_wrong("refuse_400", code=code)
    with pytest.raises(OutcomeUnknown):
        send(facebook, draft)


@pytest.mark.parametrize(
    ("fault", "code"),
    [("refuse_400", "refused"), ("403", "refused"), ("redirect", "refused"), ("401", "needs_sign_in")],
)
def test_refusal_is_permanent_and_nothing_is_live(
    facebook: Facebook, server: Server, draft: Draft, fault: str, code: str
) -> None:
    server.go_wrong(fault)
    with pytest.raises(NotSent) as failed:
        send(facebook, draft)
    assert (failed.value.code, failed.value.permanent) == (code, True)
    assert server.posts() == []


@pytest.mark.parametrize("code", [4, 17, 32, 613, 80001])
def test_rate_limit_is_told_by_its_code(facebook: Facebook, server: Server, draft: Draft, code: int) -> None:
    server.go_wrong("429", code=code, minutes=3)
    with pytest.raises(NotSent) as failed:
        send(facebook, draft)
    assert (failed.value.code, failed.value.permanent, failed.value.retry_after) == ("rate_limited", False, 180.0)


def test_repeated_text_hints_that_the_post_is_live(facebook: Facebook, draft: Draft) -> None:
    first = send(facebook, draft)
    with pytest.raises(OutcomeUnknown) as failed:
        send(facebook, draft)
    assert failed.value.code == "duplicate_hint"
    assert find(facebook) == first


def test_post_is_found_among_others_only_once_it_is_visible(facebook: Facebook, server: Server, draft: Draft) -> None:
    receipt = send(facebook, draft)
    send(facebook, replace(draft, text="Another", link=f"{LINK}0"))
    server.go_wrong(read_lag=60)
    assert find(facebook) is None
    server.go_wrong()
    assert find(facebook) == receipt


def test_reading_without_permission_says_so(facebook: Facebook, server: Server) -> None:
    server.go_wrong(no_read=True)
    with pytest.raises(CannotRead, match="pages_read_engagement") as failed:
        find(facebook)
    assert failed.value.code == "missing_permission"
    health = facebook.check(timeout=5)
    assert health.ok
    assert CANNOT_SEE in health.message


@pytest.mark.parametrize("outage", [{"read_outage": True}, {"ended": True}])
def test_outage_and_ended_sign_in_say_nothing_about_the_post(
    facebook: Facebook, server: Server, draft: Draft, outage: dict[str, bool]
) -> None:
    send(facebook, draft)
    server.go_wrong(**outage)
    with pytest.raises(CannotRead):
        find(facebook)


def test_read_back_without_a_link_is_not_possible(facebook: Facebook) -> None:
    with pytest.raises(CannotRead, match="tracked link"):
        find(facebook, link="")


def test_post_that_may_not_be_taken_down_is_not_taken_for_gone(
    facebook: Facebook, server: Server, draft: Draft
) -> None:
    receipt = send(facebook, draft)
    server.go_wrong(forbids_delete=True)
    with pytest.raises(NotSent, match="taken down"):
        facebook.delete(receipt, timeout=5)
    for number in range(101):  # more than one question answers
        send(facebook, replace(draft, text=f"Newer {number}"))
    with pytest.raises(NotSent, match="taken down"):
        facebook.delete(receipt, timeout=5)
    server.go_wrong(forbids_delete=True, no_read=True)
    with pytest.raises(NotSent):
        facebook.delete(receipt, timeout=5)


def test_health_names_the_page_and_when_the_sign_in_ends(server: Server) -> None:
    health = connected(server.address, **APP).check(timeout=5)
    assert (health.ok, health.account) == (True, facebook_like.NAME)
    assert health.expires_at is not None
    assert health.expires_at.timestamp() == pytest.approx(time.time() + facebook_like.DAYS_60, abs=5)


def test_health_tells_that_calls_run_out(facebook: Facebook, server: Server) -> None:
    server.go_wrong(usage=91)
    assert "91 %" in facebook.check(timeout=5).message


def test_health_without_permission_to_post_is_not_well(server: Server) -> None:
    server.go_wrong(scopes=["pages_read_engagement"])
    health = connected(server.address, **APP).check(timeout=5)
    assert not health.ok
    assert "pages_manage_posts" in health.message


def test_token_of_somebody_else_is_not_well(facebook: Facebook, server: Server) -> None:
    server.go_wrong(**{"is": {"id": "5", "name": "Alex Morgan"}})
    health = facebook.check(timeout=5)
    assert not health.ok
    assert "Alex Morgan" in health.message


def test_ended_token_is_told_by_its_inspection(server: Server) -> None:
    server.go_wrong(ended=True)
    assert not connected(server.address, **APP).check(timeout=5).ok


@pytest.mark.parametrize("fault", ["401", "403", "429", "502_after", "accept_then_drop", "malformed_200"])
def test_no_secret_in_any_error_or_address(server: Server, draft: Draft, fault: str) -> None:
    adapter = connected(server.address, **APP)
    adapter.check(timeout=5)
    server.go_wrong(fault)
    with pytest.raises(ChannelError) as failed:
        send(adapter, draft)
    told = "".join(traceback.format_exception(failed.value)) + repr(failed.value) + repr(vars(adapter))
    told += "".join(request["path"] for request in server.requests())
    assert not [secret for secret in SECRETS if secret in told]


@pytest.mark.parametrize("wrong", [{"page_id": "riverside"}, {"api_version": "24"}, {"api_base": "graph.facebook.com"}])
def test_settings_that_cannot_be_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Facebook.Settings.model_validate({"page_id": "1"} | wrong)
