"""A channel names a post in a way that no database holds: what came of it is recorded at once all the same."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from campaigns.planning.models import Publication, SentPost
from scheduler.channels.contract import ChannelError, DeliveryOutcome, Health, NotSent, OutcomeUnknown, Receipt
from scheduler.engine import reconcile, sending
from tests.adapter import Told
from tests.scheduler.conftest import Remote, send

LONG = "https://told.example/" + "a" * 1_500
ODD_RECEIPTS = [
    Receipt("7\x00\ud800", "https://told.example/\x00\ud800"),
    Receipt("7" * 400, LONG),
    Receipt("7", "x:\x00"),
]
UNCLEANED = [{"url": LONG}, {"remote_id": "7\x00"}, {"remote_id": "7\ud800"}, {"url": "https://told.example/\ud800"}]
"""As if a Receipt had not cleaned itself: with each, one of the databases refuses the row."""


def answering(receipt: Receipt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Told, "send", lambda *_, **__: receipt)
    monkeypatch.setattr(Told, "find", lambda *_, **__: receipt)


def uncleaned(values: dict[str, str]) -> Receipt:
    receipt = Receipt("7", "https://told.example/7")
    for name, value in values.items():
        object.__setattr__(receipt, name, value)
    return receipt


def sent_promptly(act: Callable[[], str]) -> SentPost:
    started = time.monotonic()
    assert act() == "sent"
    assert time.monotonic() - started < 5
    return SentPost.objects.get()


@pytest.mark.parametrize("receipt", ODD_RECEIPTS)
def test_an_odd_receipt_is_cut_to_what_the_columns_hold(
    due: Publication, remote: Remote, receipt: Receipt, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(receipt, monkeypatch)

    sent = sent_promptly(lambda: send(due))

    assert sent.remote_id.startswith("7")
    assert len(sent.remote_id) <= 300
    assert len(sent.url) <= 1_000
    assert (due.attempts.get().remote_id, due.attempts.get().remote_url) == (sent.remote_id, sent.url)


@pytest.mark.parametrize("values", UNCLEANED)
def test_what_the_database_refuses_of_a_receipt_is_left_out(
    due: Publication, remote: Remote, values: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(uncleaned(values), monkeypatch)
    assert sent_promptly(lambda: send(due)).remote_id.startswith("7")


@pytest.mark.parametrize("values", UNCLEANED)
def test_the_same_of_a_post_that_is_found_afterwards(
    due: Publication, remote: Remote, values: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    remote.answers.append(OutcomeUnknown("No answer."))
    assert send(due) == "unknown"
    answering(uncleaned(values), monkeypatch)
    assert sent_promptly(lambda: reconcile.read_back(publication_id=due.pk)).remote_id.startswith("7")


@pytest.mark.parametrize(("failure", "state"), [(NotSent, "failed"), (OutcomeUnknown, "unknown")])
def test_a_failure_in_odd_words_is_recorded_as_the_failure_that_it_is(
    due: Publication, remote: Remote, failure: type[ChannelError], state: str
) -> None:
    error = failure(
        "It says \x00\ud800.", code="c" * 80 + "\x00", **({"permanent": True} if failure is NotSent else {})
    )
    remote.answers.append(error)
    assert send(due) == state
    assert due.attempts.get().message.startswith("It says")


def test_a_failure_whose_words_the_database_refuses_is_recorded_in_ours(due: Publication, remote: Remote) -> None:
    error = NotSent("", permanent=True)
    error.args = ("It says \ud800.",)
    remote.answers.append(error)
    assert send(due) == "failed"
    assert due.attempts.get().message == "The channel's reply could not be stored."


def test_values_that_stay_refused_do_not_keep_a_thread_busy(
    due: Publication, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def refuse(*_: object) -> str:
        calls.append(1)
        raise UnicodeError

    monkeypatch.setattr(sending, "record", refuse)
    with pytest.raises(UnicodeError):
        send(due)
    assert len(calls) == 2


def test_whatever_a_channel_says_of_itself_and_of_a_mail_can_be_stored() -> None:
    health = Health(ok=True, account="J\ud800\x00" + "o" * 300, message="m\x00" * 900)
    outcome = DeliveryOutcome("refused", "5\x00" * 50, "no\ud800")
    for text, most in ((health.account, 200), (health.message, 1_000), (outcome.code, 60), (outcome.message, 1_000)):
        assert text.encode()
        assert "\x00" not in text
        assert len(text) <= most
