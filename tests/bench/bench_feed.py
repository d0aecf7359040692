"""The blog feed and its 304 over loopback, against the bare framework that answers a constant of the same size.

Both run in a server of their own, as `make run` starts it: one process and its threads. The targets are what one query
and a kept body left of the bare framework when this was measured without any middleware: 0.52, and 0.65 for the 304.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench import harness, house
from tests.bench.load import Load, load
from tests.bench.servers import web_server

PATH = "/feeds/blog.rss"
PUBLICATIONS = 1_000
ROUNDS = 9
REQUESTS = 2_000
"""A round's on each side."""


@harness.benchmark("feed", at_least=0.5)
def whole() -> harness.Measured:
    with _both(unchanged=False) as (bare, feed, size):
        return _compared(bare, feed, f"the feed of {size / 1000:.0f} KB")


@harness.benchmark("feed_unchanged", at_least=0.6)
def unchanged() -> harness.Measured:
    with _both(unchanged=True) as (bare, feed, _):
        return _compared(bare, feed, "its 304")


@contextmanager
def _both(*, unchanged: bool) -> Iterator[tuple[Load, Load, int]]:
    """The load on each side, and the bytes of the feed."""
    folder = house.folder_of(house.published(PUBLICATIONS))
    with web_server("backend.rsgi:application", folder, ready="/healthz") as port:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{PATH}", timeout=10) as answer:
            size, etag = len(answer.read()), answer.headers["ETag"]
        asked = {"If-None-Match": etag} if unchanged else {}
        with (
            web_server("tests.bench.bare:application", folder, ready="/", BARE_BYTES=str(size)) as bare_port,
            load(bare_port, "/") as bare,
            load(port, PATH, status=304 if unchanged else 200, headers=asked) as feed,
        ):
            yield bare, feed, size


def _compared(bare: Load, feed: Load, name: str) -> harness.Measured:
    """A ratio of requests a second: the seconds of the bare framework over those of the feed."""
    for side in (bare, feed):
        side.ask(REQUESTS)
    found = harness.ratio_of_medians(lambda: bare.ask(REQUESTS), lambda: feed.ask(REQUESTS), rounds=ROUNDS, calls=1)
    spread = f"{found.rounds} rounds from {found.lowest:.2f} to {found.highest:.2f}"
    told = f"{name} {REQUESTS / found.b:,.0f} a second, a constant {REQUESTS / found.a:,.0f} a second"
    return harness.Measured(found.ratio, f"{told}; {spread}")
