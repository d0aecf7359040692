"""What channels have in common from the side of a server made with tests.servers.posting."""

from __future__ import annotations

from tests.scheduler.channels.remote_channel import (
    ALL_FAULTS,
    SERVER_FAULTS,
    Fault,
    RemotePost,
    WordsDocument,
    plain_document,
)
from tests.servers.control import Server


class RemotePostingServer:
    """A channel, as its own side sees it, but for its adapter."""

    faults = ALL_FAULTS
    signs_in = True

    def __init__(self, server: Server) -> None:
        self.server = server

    def go_wrong(self, fault: Fault) -> None:
        self.server.go_wrong(SERVER_FAULTS[fault], seconds=7)

    def posts(self) -> list[RemotePost]:
        return [RemotePost(post["text"], tuple(post["alt_texts"])) for post in self.server.live()]

    def document(self, text: str) -> WordsDocument:
        return plain_document(text)
