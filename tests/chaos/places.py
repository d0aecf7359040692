"""Where a campaign publishes: its accounts, what goes wrong there, and what they have in the end."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.chaos.checker import Accepted
from tests.chaos.network import ACCOUNTS, read_logs
from tests.servers import x_like


@dataclass(frozen=True)
class Account:
    name: str
    kind: str
    settings: dict[str, Any]
    secrets: dict[str, str]
    control: str
    """The address that is told what is to go wrong."""

    def forecast(self, wanted: dict[str, Any]) -> None:
        with urllib.request.urlopen(f"{self.control}/_control/faults", json.dumps(wanted).encode(), timeout=30) as said:
            said.read()


class Place(Protocol):
    faults: Mapping[str, Any]
    """Of a storm, in the words of the servers' /_control/faults."""

    def accounts(self, design: str) -> list[Account]: ...

    def accepted(self, design: str) -> list[Accepted]: ...

    def repeats(self, design: str) -> list[str]:
        """Texts that were offered again while they were out, whether they were taken or not."""


class XNetwork:
    """The accounts of tests.chaos.network, whose server says on disk what it took."""

    faults: Mapping[str, Any] = {
        "mix": {
            "accept_then_hang": 0.05,
            "accept_then_drop": 0.07,
            "429": 0.06,
            "500_before": 0.06,
            "502_after": 0.07,
            "slow": 0.08,
            "trickle": 0.03,
            "trickle_headers": 0.02,
            "malformed_200": 0.05,
            "empty_200": 0.02,
            "refuse_400": 0.005,
        },
        "seconds": 1.0,  # of a slow answer, and in Retry-After
        "read_lag": 0.7,  # less than the settling time that the adapter promises
    }

    def __init__(self, address: str, folder: Path) -> None:
        self.address, self.folder = address, folder

    def accounts(self, design: str) -> list[Account]:
        secrets = {
            "consumer_key": x_like.CONSUMER_KEY,
            "consumer_secret": x_like.CONSUMER_SECRET,
            "access_token": x_like.ACCESS_TOKEN,
            "access_token_secret": x_like.ACCESS_TOKEN_SECRET,
        }
        addresses = {name: f"{self.address}/{design}-{name}" for name in ACCOUNTS}
        return [Account(name, "x", {"api_base": own}, secrets, own) for name, own in addresses.items()]

    def accepted(self, design: str) -> list[Accepted]:
        return [
            Accepted(str(entry["id"]), str(entry["text"]), float(entry["at"]))
            for entry in self._logged("posts.jsonl", design)
        ]

    def repeats(self, design: str) -> list[str]:
        return [str(entry["text"]) for entry in self._logged("repeats.jsonl", design)]

    def _logged(self, file: str, design: str) -> list[dict[str, Any]]:
        logs = read_logs(self.folder, file)
        return [entry for name, entries in logs.items() if name.startswith(f"{design}-") for entry in entries]
