"""What servers that reach staff share: `accept` keeps a message whose shape is right, under a number like Slack's."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.servers import posting


class State(posting.State):
    def new_number(self) -> int:
        """Microseconds; rises."""
        last = self.posts[-1]["number"] if self.posts else 0
        return max(last + 1, time.time_ns() // 1000)


class Handler(posting.Handler):
    ACCEPTED = 200

    def accept(self, message: dict[str, Any], said: Callable[[dict[str, Any]], Any]) -> None:
        """Keep a message, and answer `said(post)`, unless something is to go wrong."""

        def keep() -> tuple[int, Any]:
            number = self.state.new_number()
            return self.ACCEPTED, said(self.state.add(number, {"id": str(number), **message}))

        return self.publish(keep)


def serve(handler: type[Handler], description: str | None) -> None:
    posting.serve(handler, description, State)
