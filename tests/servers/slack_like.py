"""A server that behaves like Slack's Web API for one channel, and misbehaves on demand.

Started with `python -m tests.servers.slack_like --port 0 --state DIR`. Refuses with status 200, as Slack does. See
tests.servers.posting.
"""

from __future__ import annotations

import json
import time
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from tests.servers import staff_like

TOKEN = "xoxb-test-bot-token"
READ_ONLY_TOKEN = "xoxb-test-read-only"
CHANNEL = "C0123456789"
WORKSPACE = "https://riverside.slack.com/"
SCOPES = {TOKEN: "chat:write,channels:history,files:read,files:write", READ_ONLY_TOKEN: "channels:history"}
PROCESSING = 0.3
"""Seconds until an uploaded file can be shown."""
LONGEST_TEXT, LONGEST_SECTION = 40_000, 3_000


def no(error: str, **more: Any) -> dict[str, Any]:
    return {"ok": False, "error": error, **more}


class Handler(staff_like.Handler):
    REFUSALS: ClassVar = {
        "429": (429, no("ratelimited")),
        "500_before": (500, {}),
        "401": (200, no("token_revoked")),
        "403": (200, no("not_in_channel")),
        "402": (200, no("internal_error")),
        "refuse_400": (200, no("invalid_blocks", response_metadata={"messages": ["[ERROR] no more than 50 items"]})),
    }
    files: dict[str, dict[str, Any]] = {}

    def route(self) -> None:
        path = self.route_path
        if path.startswith("/upload/"):
            return self.upload(path.removeprefix("/upload/"))
        self.token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if self.command != "POST" or self.token not in SCOPES:
            return self.answer(200, no("invalid_auth"))
        method = getattr(self, path.removeprefix("/api/").replace(".", "_"), None)
        return method(self.given()) if method else self.answer(200, no("unknown_method"))

    def given(self) -> dict[str, Any]:
        if self.headers.get_content_type() == "application/json":
            return json.loads(self.body)
        return dict(parse_qsl(self.body.decode()))

    def answer_ok(self, **said: Any) -> None:
        self.answer(200, {"ok": True, **said}, {"x-oauth-scopes": SCOPES[self.token]})

    def auth_test(self, _: dict[str, Any]) -> None:
        self.answer_ok(url=WORKSPACE, team="Riverside", user="promenade", team_id="T1", user_id="U1", bot_id="B1")

    def chat_postMessage(self, wanted: dict[str, Any]) -> None:  # noqa: N802
        refusal = self.refusal(wanted)
        if refusal:
            return self.answer(200, refusal)
        message = {name: wanted.get(name) for name in ("text", "blocks", "metadata", "mrkdwn")}
        return self.accept(message, lambda post: {"ok": True, "channel": CHANNEL, "ts": stamp(post)})

    def refusal(self, wanted: dict[str, Any]) -> dict[str, Any] | None:
        if "chat:write" not in SCOPES[self.token]:
            return no("missing_scope", needed="chat:write", provided=SCOPES[self.token])
        if wanted.get("channel") != CHANNEL:
            return no("channel_not_found")
        if not wanted.get("text"):
            return no("no_text")
        metadata = wanted.get("metadata", {})
        if len(wanted["text"]) > LONGEST_TEXT or set(metadata) != {"event_type", "event_payload"}:
            return no("invalid_arguments")
        shown = [self.is_shown(block) for block in wanted.get("blocks", [])]
        return None if all(shown) else no("invalid_blocks", response_metadata={"messages": ["invalid slack file"]})

    def is_shown(self, block: dict[str, Any]) -> bool:
        if block["type"] == "section":
            return 0 < len(block["text"]["text"]) <= LONGEST_SECTION
        file = self.files.get(block["slack_file"]["id"], {})
        return bool(block["alt_text"]) and file.get("ready_at", float("inf")) < time.time()

    def conversations_history(self, wanted: dict[str, Any]) -> None:
        if wanted.get("channel") != CHANNEL:
            return self.answer(200, no("channel_not_found"))
        with self.state.lock:
            if self.state.faults.read_outage:
                return self.answer(503, {})
            until = min(float(wanted.get("cursor") or "inf"), time.time() - self.state.faults.read_lag)
            posts = [p for p in self.state.live() if float(wanted.get("oldest", 0)) < p["at"] < until][::-1]
        limit = int(wanted.get("limit", 100))
        page, more = posts[:limit], len(posts) > limit
        messages = [{"type": "message", "ts": stamp(post), "text": post["text"]} for post in page]
        if wanted.get("include_all_metadata") == "1":
            messages = [{**shown, "metadata": post["metadata"]} for shown, post in zip(messages, page, strict=True)]
        cursor = {"response_metadata": {"next_cursor": str(page[-1]["at"])}} if more else {}
        return self.answer_ok(messages=messages, has_more=more, **cursor)

    def chat_delete(self, wanted: dict[str, Any]) -> None:
        with self.state.lock:
            identity = wanted["ts"].replace(".", "")
            if wanted["channel"] != CHANNEL or not self.state.delete(identity):
                return self.answer(200, no("message_not_found"))
        return self.answer_ok(channel=CHANNEL, ts=wanted["ts"])

    def files_getUploadURLExternal(self, wanted: dict[str, Any]) -> None:  # noqa: N802
        with self.state.lock:
            file = f"F{len(self.files):08}"
            self.files[file] = {"length": int(wanted["length"]), "name": wanted["filename"]}
        self.answer_ok(upload_url=f"http://{self.headers['Host']}/upload/{file}", file_id=file)

    def upload(self, file: str) -> None:
        if len(self.body) != self.files[file]["length"]:
            return self.answer(400, {})
        self.files[file]["uploaded"] = True
        return self.answer_bytes(200, b"OK")

    def files_completeUploadExternal(self, wanted: dict[str, Any]) -> None:  # noqa: N802
        for each in json.loads(wanted["files"]):
            if not self.files[each["id"]].get("uploaded"):
                return self.answer(200, no("invalid_arguments"))
            self.files[each["id"]]["ready_at"] = time.time() + PROCESSING
        return self.answer_ok(files=[])

    def files_info(self, wanted: dict[str, Any]) -> None:
        ready = self.files[wanted["file"]].get("ready_at", float("inf")) < time.time()
        self.answer_ok(file={"id": wanted["file"], "mimetype": "image/png" if ready else ""})


def stamp(post: dict[str, Any]) -> str:
    return f"{post['id'][:-6]}.{post['id'][-6:]}"


if __name__ == "__main__":
    staff_like.serve(Handler, __doc__)
