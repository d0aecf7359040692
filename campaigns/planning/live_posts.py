"""What of a content is out, and on its way out: posts, items on our own pages and feeds, letters, tracked links. They
follow what becomes of the content. Planning says when, in the transaction of the move itself; how is known to whoever
has put them there, who registers it when Django starts, because planning knows nothing of them."""

from __future__ import annotations

from typing import Protocol

from django.db.models import Model

from campaigns.planning.models import Content, Publication


class LivePosts(Protocol):
    def add_link(self, publication: Publication) -> None:
        """Give a publication that was planned just now its tracked link: a poster is printed before it hangs."""

    def refresh(self, content: Content) -> None:
        """Bring our own items, and where tracked links lead, up to what is approved now."""

    def end(self, content: Content, *, how: str) -> None:
        """Say on our own pages and feeds that it ended before its time (an EarlyEnd), and stop its letters."""

    def archive(self, content: Content) -> None:
        """Stop its letters."""

    def take_down(self, content: Content, *, by: Model | None) -> None:
        """Take down what is live, and where we cannot, ask a person to. Nothing stays live unsaid: whatever turns out
        to be live only later comes down then."""


_registered: list[LivePosts] = []


def register(posts: LivePosts) -> None:
    """Takes the place of what was registered before."""
    _registered[:] = [posts]


def registered() -> LivePosts:
    """Raises LookupError where nobody has registered: a withdrawal that takes nothing down would be worse."""
    if not _registered:
        raise LookupError("Nobody keeps what is live. Is scheduler among the installed apps?")
    return _registered[0]
