"""What channels have in common from the side of a server made with tests.servers.posting."""

from __future__ import annotations

from typing import Any

from tests.scheduler.channels.far_side import ALL_FAULTS, SERVER_FAULTS, Fault, Seen, plain_document
from tests.servers.control import Server


class PostingSide:
    """A channel from its other side, but for its adapter."""

    faults = ALL_FAULTS
    signs_in = True

    def __init__(self, server: Server) -> None:
        self.server = server

    def go_wrong(self, fault: Fault) -> None:
        self.server.go_wrong(SERVER_FAULTS[fault], seconds=7)

    def posts(self) -> list[Seen]:
        return [Seen(post["text"], tuple(post["alt_texts"])) for post in self.server.live()]

    def document(self, text: str) -> dict[str, Any]:
        return plain_document(text)
