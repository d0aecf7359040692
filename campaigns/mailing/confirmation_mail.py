"""The mail that asks a new subscriber to confirm. Whoever can send mail registers how, when Django starts, because
mailing lists know nothing of channels."""

from __future__ import annotations

from collections.abc import Callable

from campaigns.mailing.models import Subscriber

Send = Callable[[Subscriber], object]

_registered: list[Send] = []


def register(send: Send) -> None:
    """Takes the place of what was registered before. It is called inside the transaction that makes the subscriber."""
    _registered[:] = [send]


def send(subscriber: Subscriber) -> None:
    """Raises LookupError where nobody has registered: a subscriber who is never asked would wait for ever."""
    if not _registered:
        raise LookupError("Nobody sends mail. Is scheduler among the installed apps?")
    _registered[0](subscriber)
