"""A receiver of signed messages (Standard Webhooks), which misbehaves on demand.

Started with `python -m tests.servers.webhook_like --port 0 --state DIR`. A message whose id is known is answered like
the first time, and kept once. See tests.servers.posting.
"""

from __future__ import annotations

from typing import Any, ClassVar

from standardwebhooks import Webhook, WebhookVerificationError

from tests.servers import staff_like

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


class Handler(staff_like.Handler):
    REFUSALS: ClassVar = {
        "429": (429, {}),
        "500_before": (500, {}),
        "401": (401, {}),
        "403": (403, {}),
        "402": (410, {}),
        "refuse_400": (400, {}),
    }

    def route(self) -> None:
        try:
            message = Webhook(SECRET).verify(self.body, dict(self.headers))
        except WebhookVerificationError:
            return self.answer(401, {})
        known = [post for post in self.state.posts if post["webhook_id"] == self.headers["webhook-id"]]
        if self.command != "POST" or self.headers.get_content_type() != "application/json":
            return self.answer(400, {})
        if known or message["type"] == "ping":
            return self.answer(200, {})
        kept: dict[str, Any] = {"webhook_id": self.headers["webhook-id"], "message": message}
        return self.accept(kept, lambda _: {})


if __name__ == "__main__":
    staff_like.serve(Handler, __doc__)
