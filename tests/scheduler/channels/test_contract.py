"""What the engine relies on, asked of every registered channel against a server or stand-in of it.

What a channel cannot do, by its own abilities, is skipped in words.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from PIL import Image

from scheduler.channels.contract import (
    NOTHING_TO_ASK,
    Adapter,
    CannotRead,
    DoesNotFit,
    Draft,
    Health,
    NotSent,
    OutcomeUnknown,
    Picture,
)
from scheduler.channels.registry import ADAPTERS
from scheduler.engine import publication_claims
from tests.scheduler.channels.remote_channel import Fault, RemoteChannel

LINK = "https://go.riverside.example.org/r/nurs3s77"
TIMEOUT = 5.0

pytestmark = pytest.mark.django_db


@pytest.fixture(params=list(ADAPTERS))
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RemoteChannel]:
    module = importlib.import_module(f"tests.scheduler.channels.test_{request.param.replace('-', '_')}")
    with module.remote_channel(tmp_path) as found:
        yield found


def draft(
    remote: RemoteChannel,
    text: str = "Join our wards as a nurse.",
    *,
    link: str = LINK,
    pictures: tuple[Picture, ...] = (),
) -> Draft:
    return Draft(title="Nurse", text=text, link=link, document=remote.document(text), pictures=pictures)


def new_key() -> str:
    return str(publication_claims.new_key(timezone.now()))


def picture(alt_text: str) -> Picture:
    written = io.BytesIO()
    Image.new("RGB", (64, 48), "#0b7261").save(written, "PNG")
    return Picture(data=written.getvalue(), media_type="image/png", alt_text=alt_text, width=64, height=48)


def can(remote: RemoteChannel, fault: Fault) -> None:
    if fault not in remote.faults:
        pytest.skip(f"nothing goes wrong here like this: {fault}")


def posting(remote: RemoteChannel) -> Adapter:
    """Its adapter, where we post and no person does."""
    adapter = remote.adapter()
    if adapter.abilities.manual:
        pytest.skip("a person posts there")
    return adapter


def check(adapter: Adapter) -> Health | None:
    """None where nothing can be asked."""
    try:
        return adapter.check(timeout=TIMEOUT)
    except CannotRead as error:
        if error.code != NOTHING_TO_ASK:
            raise
        return None


def test_we_are_who_we_say(remote: RemoteChannel) -> None:
    health = check(remote.adapter())
    if health is None:
        pytest.skip("nothing can be asked here; the next post shows it")

    assert health.ok
    assert health.account
    assert health.message


def test_a_post_arrives_letter_for_letter(remote: RemoteChannel) -> None:
    adapter, words = posting(remote), "Über 👩‍⚕️ – انضم إلينا & “now” <b>"
    receipt = adapter.send(adapter.compose(draft(remote, words)), key=new_key(), timeout=TIMEOUT)

    (post,) = remote.posts()
    assert words in post.text
    assert receipt.remote_id


def test_what_is_too_long_is_refused_in_words_and_never_cut(remote: RemoteChannel) -> None:
    adapter = remote.adapter()
    shortest = adapter.compose(draft(remote, "n"))
    if shortest.limit is None:
        pytest.skip("no limit here")
    fits = "n" * (1 + shortest.limit - shortest.length)

    assert fits in adapter.compose(draft(remote, fits)).text
    with pytest.raises(DoesNotFit, match=r"This is 1 over the limit .* Shorten"):
        adapter.compose(draft(remote, f"{fits}n"))


def test_where_a_person_posts_nothing_is_sent_and_everything_is_ready(remote: RemoteChannel) -> None:
    adapter, words = remote.adapter(), "Über 👩‍⚕️ – انضم إلينا & “now” <b>"
    if not adapter.abilities.manual:
        pytest.skip("we post there")
    payload = adapter.compose(draft(remote, words, pictures=(picture("A ward."),)))

    with pytest.raises(NotSent) as refusal:
        adapter.send(payload, key=new_key(), timeout=TIMEOUT)

    assert refusal.value.permanent
    assert words in payload.text
    assert LINK in payload.text
    assert [found.alt_text for found in payload.pictures] == ["A ward."]
    with pytest.raises(CannotRead):
        adapter.find(key=new_key(), link=LINK, timeout=TIMEOUT)


def test_a_refusal_leaves_nothing_behind(remote: RemoteChannel) -> None:
    can(remote, "refused")
    adapter = remote.adapter()
    remote.go_wrong("refused")

    with pytest.raises(NotSent) as refusal:
        adapter.send(adapter.compose(draft(remote)), key=new_key(), timeout=TIMEOUT)

    assert refusal.value.permanent
    assert remote.posts() == []


def test_a_busy_channel_says_when_to_come_back(remote: RemoteChannel) -> None:
    can(remote, "busy")
    adapter = remote.adapter()
    remote.go_wrong("busy")

    with pytest.raises(NotSent) as refusal:
        adapter.send(adapter.compose(draft(remote)), key=new_key(), timeout=TIMEOUT)

    assert not refusal.value.permanent
    assert refusal.value.retry_after is not None
    assert 4 <= refusal.value.retry_after <= 8
    assert remote.posts() == []


@pytest.mark.parametrize("fault", ["lost", "late"])
def test_without_an_answer_it_is_unknown_and_found_again(remote: RemoteChannel, fault: Fault) -> None:
    can(remote, fault)
    adapter, key = remote.adapter(), new_key()
    remote.go_wrong(fault)

    with pytest.raises(OutcomeUnknown):
        adapter.send(adapter.compose(draft(remote)), key=key, timeout=2.0)

    assert len(remote.posts()) == 1
    if not adapter.abilities.reads_back:
        with pytest.raises(CannotRead):
            adapter.find(key=key, link=LINK, timeout=TIMEOUT)
        return
    found = remote.adapter().find(key=key, link=LINK, timeout=TIMEOUT)
    assert found is not None
    assert found.remote_id


def test_the_same_key_twice_is_one_post(remote: RemoteChannel) -> None:
    adapter, key = remote.adapter(), new_key()
    if not adapter.abilities.idempotent:
        pytest.skip("the channel knows no key; the engine never sends twice")
    payload = adapter.compose(draft(remote))

    receipts = [remote.adapter().send(payload, key=key, timeout=TIMEOUT) for _ in range(2)]

    assert receipts[0].remote_id == receipts[1].remote_id
    assert len(remote.posts()) == 1


def test_after_a_lost_answer_the_same_key_is_still_one_post(remote: RemoteChannel) -> None:
    can(remote, "lost")
    adapter, key = remote.adapter(), new_key()
    if not adapter.abilities.idempotent:
        pytest.skip("the channel knows no key; the engine never sends twice")
    payload = adapter.compose(draft(remote))
    remote.go_wrong("lost")
    with pytest.raises(OutcomeUnknown):
        adapter.send(payload, key=key, timeout=2.0)

    adapter.send(payload, key=key, timeout=TIMEOUT)

    assert len(remote.posts()) == 1


def test_what_was_never_sent_is_not_found(remote: RemoteChannel) -> None:
    adapter = remote.adapter()
    if not adapter.abilities.reads_back:
        pytest.skip("the channel cannot be read back; a person looks")
    adapter.send(adapter.compose(draft(remote, "Another post.", link=f"{LINK}x")), key=new_key(), timeout=TIMEOUT)

    assert adapter.find(key=new_key(), link=LINK, timeout=TIMEOUT) is None


def test_what_was_sent_is_found_by_another_worker(remote: RemoteChannel) -> None:
    adapter, key = remote.adapter(), new_key()
    if not adapter.abilities.reads_back:
        pytest.skip("the channel cannot be read back; a person looks")
    receipt = adapter.send(adapter.compose(draft(remote)), key=key, timeout=TIMEOUT)

    assert remote.adapter().find(key=key, link=LINK, timeout=TIMEOUT) == receipt


def test_a_post_is_taken_down_once_and_again(remote: RemoteChannel) -> None:
    adapter = posting(remote)
    receipt = adapter.send(adapter.compose(draft(remote)), key=new_key(), timeout=TIMEOUT)
    if not adapter.abilities.deletes:
        with pytest.raises(NotSent) as refusal:
            adapter.delete(receipt, timeout=TIMEOUT)
        assert refusal.value.permanent
        return

    adapter.delete(receipt, timeout=TIMEOUT)
    assert remote.posts() == []
    remote.adapter().delete(receipt, timeout=TIMEOUT)


def test_a_sign_in_that_has_ended_is_told(remote: RemoteChannel) -> None:
    if not remote.signs_in:
        pytest.skip("nobody signs in here")
    adapter, key = remote.adapter(signed_in=False), new_key()

    with pytest.raises(NotSent) as refusal:
        adapter.send(adapter.compose(draft(remote)), key=key, timeout=TIMEOUT)

    assert refusal.value.code == "needs_sign_in"
    health = check(adapter)
    assert health is None or not health.ok
    assert remote.posts() == []
    if adapter.abilities.reads_back:
        with pytest.raises(CannotRead):
            adapter.find(key=key, link=LINK, timeout=TIMEOUT)


def test_an_address_that_may_not_be_called_is_named(remote: RemoteChannel, settings: Any) -> None:
    if not remote.signs_in:
        pytest.skip("nothing is called here")
    settings.PRIVATE_ADDRESSES = []
    adapter = remote.adapter()

    with pytest.raises(NotSent) as refusal:
        adapter.send(adapter.compose(draft(remote)), key=new_key(), timeout=TIMEOUT)

    assert refusal.value.code == "address_refused"
    assert refusal.value.permanent
    assert remote.posts() == []


def test_a_picture_goes_along_with_its_alternative_text(remote: RemoteChannel) -> None:
    adapter = posting(remote)
    if adapter.abilities.pictures is None:
        pytest.skip("no pictures here")
    described = picture("Two nurses laugh at the ward's desk. 👋")

    adapter.send(adapter.compose(draft(remote, pictures=(described,))), key=new_key(), timeout=TIMEOUT)

    (post,) = remote.posts()
    assert post.alt_texts == (described.alt_text,)


def test_a_picture_without_alternative_text_is_warned_of(remote: RemoteChannel) -> None:
    adapter = remote.adapter()
    if adapter.abilities.pictures is None:
        pytest.skip("no pictures here")

    assert any("alt text" in warning for warning in adapter.compose(draft(remote, pictures=(picture(""),))).warnings)


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_connection_do_not_get_in_each_others_way(remote: RemoteChannel) -> None:
    posting(remote)
    drafts = [draft(remote, f"Post number {number}.", link=f"{LINK}{number}") for number in range(4)]

    def send(number: int) -> str:
        adapter = remote.adapter()
        try:
            return adapter.send(adapter.compose(drafts[number]), key=new_key(), timeout=TIMEOUT).remote_id
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        sent = set(pool.map(send, range(4)))

    assert len(sent) == len(remote.posts()) == 4
