"""A channel as its own side sees it, as test_contract.py needs it. Each channel's test module opens one.

`remote_channel(folder)` is a context manager: the channel, empty, with its files in a folder of its own.
"""

from __future__ import annotations

import html
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from campaigns.website.models import Item
from campaigns.website.page_document import build_page_document
from scheduler.channels.contract import Adapter, Document
from scheduler.channels.own_site.adapter import OwnSiteAdapter
from scheduler.connections.adapter_context import adapter_context
from tests import factories

Fault = Literal["lost", "late", "refused", "busy"]
"""`lost`: published, and the line breaks. `late`: published, and no answer comes. `refused`: for good. `busy`: come
back in 7 seconds."""
SERVER_FAULTS: dict[Fault, str] = {
    "lost": "accept_then_drop",
    "late": "accept_then_hang",
    "refused": "refuse_400",
    "busy": "429",
}
"""As the servers in tests/servers call them."""
ALL_FAULTS: frozenset[Fault] = frozenset(SERVER_FAULTS)


PAGE = "https://riverside.example.org/blog/nights"


@dataclass(frozen=True)
class RemotePost:
    """A post as the channel shows it."""

    text: str
    alt_texts: tuple[str, ...] = ()


class RemoteChannel(Protocol):
    faults: frozenset[Fault]
    """What can go wrong here."""
    signs_in: bool
    """Whether there is a sign-in that can end."""

    def adapter(self, *, signed_in: bool = True) -> Adapter:
        """Connected to it; or, not signed in, with a sign-in that it no longer accepts."""

    def go_wrong(self, fault: Fault) -> None:
        """The next post meets this."""

    def posts(self) -> list[RemotePost]:
        """What is live, the oldest first."""

    def document(self, text: str) -> Document:
        """The whole content, as a draft carries it, of an entry with this summary."""


@dataclass(frozen=True)
class WordsDocument:
    """For channels that look at no more of it than its words."""

    summary: str = ""
    html: str = ""
    kind: str = "blog_entry"

    @property
    def html_elsewhere(self) -> str:
        return self.html.replace('<a href="#', f'<a href="{PAGE}#')

    def with_summary(self, summary: str) -> WordsDocument:
        return replace(self, summary=summary)


def plain_document(text: str) -> WordsDocument:
    return WordsDocument(summary=text, html=f"<p>{html.escape(text)}</p>")


class RemoteOwnSite:
    """One of the house's own surfaces: a local transaction, so nothing is lost on the way and nobody signs in."""

    faults: frozenset[Fault] = frozenset()
    signs_in = False

    def __init__(self, kind: type[OwnSiteAdapter]) -> None:
        self.kind = kind

    def adapter(self, *, signed_in: bool = True) -> Adapter:
        return self.kind(self.kind.Settings(), self.kind.Secrets(), adapter_context())

    def go_wrong(self, fault: Fault) -> None:
        raise AssertionError(fault)

    def posts(self) -> list[RemotePost]:
        return [RemotePost(row.summary) for row in Item.objects.filter(surface=self.kind.kind, withdrawn_at=None)]

    def document(self, text: str) -> Document:
        entry = factories.approved_blog_entry(summary=text)
        return build_page_document(entry)
