"""The Bluesky adapter against Bluesky's own PDS, installed by tests/real/pds/install.sh."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from scheduler.channels.bluesky.adapter import Bluesky
from scheduler.channels.contract import Draft, Payload
from tests.real.conftest import need
from tests.real.pds import server
from tests.scheduler.channels import test_contract
from tests.scheduler.channels.remote_channel import (
    ALL_FAULTS,
    SERVER_FAULTS,
    Fault,
    RemotePost,
    WordsDocument,
    plain_document,
)
from tests.scheduler.channels.test_bluesky import connected
from tests.scheduler.channels.test_contract import LINK, TIMEOUT, draft, new_key, picture
from tests.servers import control
from tests.servers.running import running

# The whole contract, with this module's `remote`.
globals().update({name: each for name, each in vars(test_contract).items() if name.startswith("test_")})

pytestmark = pytest.mark.django_db


class Account:
    """A new account on the real server, behind a proxy that loses what it is told to lose."""

    faults = ALL_FAULTS
    signs_in = True

    def __init__(self, pds: str, proxy: str) -> None:
        self.proxy = proxy
        control.call(f"{proxy}/_control/reset", {})
        self.account = server.Account(pds)

    def adapter(self, *, signed_in: bool = True) -> Bluesky:
        password = self.account.app_password if signed_in else "ended"
        return connected(self.proxy, handle=self.account.handle, password=password)

    def go_wrong(self, fault: Fault) -> None:
        named = SERVER_FAULTS[fault]
        wanted = {"queue": [named], "seconds": 7, "on": "^POST /xrpc/com.atproto.repo.putRecord$"}
        control.call(f"{self.proxy}/_control/faults", wanted)

    def records(self) -> list[dict[str, Any]]:
        return [record for _, record in self.account.posts()]

    def posts(self) -> list[RemotePost]:
        return [
            RemotePost(record["text"], tuple(image["alt"] for image in record.get("embed", {"images": []})["images"]))
            for record in self.records()
        ]

    def document(self, text: str) -> WordsDocument:
        return plain_document(text)

    def revision(self) -> str:
        """Of everything that the account ever published."""
        return str(self.account.ask(f"sync.getLatestCommit?did={self.account.did}")["rev"])


@pytest.fixture(scope="session")
def pds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Its address, and that of a proxy in front of it."""
    need(there=server.is_installed(), how=server.HOW)
    folder: Path = tmp_path_factory.mktemp("pds")
    with (
        server.running(folder) as address,
        running("tests.servers.dropping_proxy", folder / "proxy", "--to", address) as proxy,
    ):
        yield address, proxy


@pytest.fixture
def remote(pds: tuple[str, str]) -> Account:
    return Account(*pds)


@pytest.fixture
def payload(remote: Account) -> Payload:
    return remote.adapter().compose(draft(remote))


def test_same_key_again_writes_nothing(remote: Account) -> None:
    composed = remote.adapter().compose(draft(remote, "Look. #Nursing", pictures=(picture("A ward."),)))
    key = new_key()
    first = remote.adapter().send(composed, key=key, timeout=TIMEOUT)
    revision = remote.revision()
    assert remote.adapter().send(composed, key=key, timeout=TIMEOUT) == first
    assert remote.revision() == revision


def test_ten_at_once_with_one_key_are_one_post(remote: Account, payload: Payload) -> None:
    key = new_key()
    with ThreadPoolExecutor(10) as pool:
        sent = set(pool.map(lambda _: remote.adapter().send(payload, key=key, timeout=20), range(10)))
    assert len(sent) == len(remote.records()) == 1


def test_facets_and_hashtags_are_those_of_the_lexicon(remote: Account) -> None:
    composed = remote.adapter().compose(
        Draft(title="", text="Über 👩‍⚕️ “https://example.org/a” #Pflege", link=LINK, hashtags=("NHSJobs",))
    )
    remote.adapter().send(composed, key=new_key(), timeout=TIMEOUT)
    (record,) = remote.records()
    covered = [
        record["text"].encode()[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
        for facet in record["facets"]
    ]
    assert covered == ["#Pflege", "#NHSJobs", LINK]


def test_longest_texts_that_compose_takes_are_taken(remote: Account) -> None:
    adapter = remote.adapter()
    for text in ("n" * 300, "👨‍👩‍👧‍👦" * 120):
        adapter.send(adapter.compose(Draft(title="", text=text, link="")), key=new_key(), timeout=TIMEOUT)
    assert len(remote.records()) == 2


@pytest.mark.parametrize("spoilt", [("access",), ("access", "refresh")])
def test_session_that_the_server_does_not_take_is_renewed(
    remote: Account, payload: Payload, spoilt: tuple[str, ...]
) -> None:
    adapter = remote.adapter()
    adapter.check(timeout=TIMEOUT)
    cache = adapter._account.cache
    assert cache.session is not None
    cache.session = replace(cache.session, **dict.fromkeys(spoilt, "no.such.token"))
    adapter.send(payload, key=new_key(), timeout=TIMEOUT)
    assert len(remote.records()) == 1
