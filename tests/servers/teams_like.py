"""A server that behaves like the address of a workflow in Teams, and misbehaves on demand.

Started with `python -m tests.servers.teams_like --port 0 --state DIR`. See
tests.servers.posting.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar

from tests.servers import staff_like

PATH = "/workflows/0a1b/triggers/manual/paths/invoke"
SIGNATURE = "sig-of-the-workflow"
LARGEST = 28_000


class Handler(staff_like.Handler):
    ACCEPTED = 202
    REFUSALS: ClassVar = {
        "429": (429, {"error": {"code": "WorkflowTriggerIsThrottled"}}),
        "500_before": (500, {}),
        "401": (401, {"error": {"code": "DirectApiAuthorizationRequired"}}),
        "403": (403, {}),
        "402": (404, {"error": {"code": "WorkflowNotFound"}}),
        "refuse_400": (400, {"error": {"code": "TriggerInputSchemaMismatch"}}),
    }

    def route(self) -> None:
        if self.command != "POST" or self.route_path != PATH:
            return self.answer(404, {})
        if self.query.get("sig") != SIGNATURE:
            return self.answer(401, {})
        if len(self.body) > LARGEST:
            return self.answer(413, {})
        card = self.card()
        return self.answer(400, {}) if card is None else self.accept({"card": card}, lambda _: {})

    def card(self) -> dict[str, Any] | None:
        try:
            message = json.loads(self.body)
            (attachment,) = message["attachments"]
            card: dict[str, Any] = attachment["content"]
        except (ValueError, KeyError, TypeError):
            return None
        good = (
            self.headers.get_content_type() == "application/json"
            and message["type"] == "message"
            and attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
            and card["type"] == "AdaptiveCard"
            and float(card["version"]) >= 1.4
            and all(block["type"] == "RichTextBlock" and block["inlines"] for block in card["body"])
            and all(action["type"] == "Action.OpenUrl" and action["url"] for action in card.get("actions", []))
        )
        return card if good else None


if __name__ == "__main__":
    staff_like.serve(Handler, __doc__)
