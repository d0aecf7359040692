"""Real servers as places of a campaign: each behind a proxy that loses and spoils what is on the way to it, and asked
at the end, without the proxy, what it has."""

from __future__ import annotations

import html
import json
import re
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.chaos.checker import Accepted
from tests.chaos.places import Account
from tests.real.pds import server as pds
from tests.real.wordpress import server as wordpress
from tests.servers import control, mastodon
from tests.servers.running import running

FAULTS: dict[str, Any] = {
    "mix": {
        "drop_before": 0.06,
        "accept_then_drop": 0.12,
        "accept_then_hang": 0.03,
        "502_after": 0.07,
        "slow": 0.05,
        "malformed_200": 0.03,
        "429": 0.04,
    },
    "seconds": 2.3,  # until a slow request is forwarded: past the deadline of tests.chaos.worker, within settling
    "on": "^(POST|PUT|PATCH|DELETE) ",
}
NAME = "real"
"""Of the account at each place."""
LATEST = 40
"""Posts that Mastodon lists at once."""


@dataclass(frozen=True)
class Post:
    """As the server has it."""

    remote_id: str
    text: str


@dataclass
class RealPlace:
    """One account on one server."""

    kind: str
    settings: dict[str, Any]
    secrets: dict[str, str]
    proxy: str
    requests: Path
    """Where the proxy notes what it has forwarded."""
    posts: Callable[[], list[Post]]
    """Everything that is live."""
    faults: Mapping[str, Any]

    def accounts(self, design: str) -> list[Account]:
        return [Account(NAME, self.kind, self.settings, self.secrets, self.proxy)]

    def accepted(self, design: str) -> list[Accepted]:
        """What is live, since the proxy forwarded the first request that spoke of it; since ever, if there was none."""
        since: dict[str, float] = {}
        for identity, entry in self._told():
            since[identity] = min(since.get(identity, entry["at"]), entry["at"])
        return [Accepted(post.remote_id, post.text, since.get(post.remote_id, 0.0)) for post in self.posts()]

    def repeats(self, design: str) -> list[str]:
        draft = {"id"}  # is all that WordPress tells of one
        made = [identity for identity, entry in self._told() if self.kind != "wordpress" or set(entry["told"]) != draft]
        often = Counter(made)
        return [post.text for post in self.posts() if often[post.remote_id] > 1]

    def _told(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Requests that made or changed a post, by its id."""
        for line in self.requests.read_text().splitlines():
            entry = json.loads(line)
            identity = entry["told"].get("uri" if self.kind == "bluesky" else "id")
            if entry["method"] == "POST" and entry["status"] in (200, 201) and identity:
                yield str(identity), entry


@contextmanager
def _behind_a_proxy(address: str, folder: Path) -> Iterator[tuple[str, Path]]:
    with running("tests.servers.dropping_proxy", folder / "proxy", "--to", address) as proxy:
        yield proxy, folder / "proxy" / "requests.jsonl"


@contextmanager
def wordpress_place(folder: Path) -> Iterator[RealPlace]:
    with wordpress.running() as blog, _behind_a_proxy(blog.address, folder) as (proxy, requests):
        other_side = f"{blog.address}/?rest_route=/other-side/v1"
        control.call(f"{other_side}/reset", {})  # WordPress begins with a post of its own

        def posts() -> list[Post]:
            rows = [row for row in control.call(f"{other_side}/posts&type=post") if row["status"] == "publish"]
            return [Post(str(row["id"]), html.unescape(f"{row['title']}\n{row['content']}")) for row in rows]

        yield RealPlace(
            "wordpress",
            {"address": proxy, "username": "author"},
            {"application_password": blog.passwords["author"]},
            proxy,
            requests,
            posts,
            FAULTS,
        )


@contextmanager
def bluesky_place(folder: Path) -> Iterator[RealPlace]:
    with pds.running(folder) as address, _behind_a_proxy(address, folder) as (proxy, requests):
        account = pds.Account(address)
        yield RealPlace(
            "bluesky",
            {"handle": account.handle, "pds": proxy},
            {"app_password": account.app_password},
            proxy,
            requests,
            lambda: [Post(uri, record["text"]) for uri, record in account.posts()],
            FAULTS,
        )


@contextmanager
def mastodon_place(folder: Path) -> Iterator[RealPlace]:
    with (
        running("tests.servers.mastodon", folder) as address,
        _behind_a_proxy(address, folder) as (proxy, requests),
    ):
        signed_in = {"Authorization": f"Bearer {mastodon.TOKEN}"}
        me = control.call(f"{address}/api/v1/accounts/verify_credentials", **signed_in)["id"]

        def posts() -> list[Post]:
            found: list[Post] = []
            page: list[dict[str, Any]] = [{"id": ""}]
            while page:
                last = f"&max_id={found[-1].remote_id}" if found else ""
                page = control.call(f"{address}/api/v1/accounts/{me}/statuses?limit={LATEST}{last}", **signed_in)
                found += [Post(status["id"], _plain(status["content"])) for status in page]
            return found

        yield RealPlace(
            "mastodon", {"instance": proxy}, {"access_token": mastodon.TOKEN}, proxy, requests, posts, FAULTS
        )


def _plain(content: str) -> str:
    return html.unescape(re.sub("<[^>]+>", "", re.sub(r"</p>|<br\s*/?>", "\n", content)))


@dataclass(frozen=True)
class Known:
    there: Callable[[], bool]
    how: str
    """How it is installed, in one line."""
    place: Callable[[Path], AbstractContextManager[RealPlace]]


PLACES = {
    "wordpress": Known(wordpress.is_installed, wordpress.HOW, wordpress_place),
    "bluesky": Known(pds.is_installed, pds.HOW, bluesky_place),
    "mastodon": Known(lambda: True, "make .venv/installed", mastodon_place),
}


@contextmanager
def opened(kind: str) -> Iterator[RealPlace]:
    with tempfile.TemporaryDirectory(prefix="promenade-real-", ignore_cleanup_errors=True) as folder, ExitStack() as on:
        yield on.enter_context(PLACES[kind].place(Path(folder)))
