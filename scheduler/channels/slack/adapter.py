"""Slack: posts to one channel of a workspace as an app's bot, and finds its posts again by the key in their metadata.

Leaves to others what is said, when it goes out, and what is done after a named failure. Limits are those of
docs.slack.dev (chat.postMessage, Block Kit's section and image blocks).
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import BaseModel

from scheduler.channels import contract
from scheduler.channels.lib import http, recent_posts, wording
from scheduler.channels.slack import client as slack
from scheduler.channels.slack.settings import SlackSecrets, SlackSettings
from scheduler.net import answer

LIMIT = 40_000
"""Characters of a message; Slack cuts longer ones off."""
LIMIT_WITH_PICTURES = 3_000
"""Characters of the section block that carries the text when pictures go along."""
HARD_TO_READ = 4_000
"""Characters, beyond which Slack advises against a message."""
PICTURES = contract.PictureLimits(maximum=4, bytes=10_000_000, side=4_096, alt_text=2_000)
"""Slack takes more; four are taken in within one send, and no publication has more."""


class Slack:
    kind: ClassVar[str] = "slack"
    label: ClassVar[str] = "Slack"
    reaches: ClassVar[Literal["public", "staff", "either"]] = "staff"
    abilities: ClassVar[contract.Abilities] = contract.Abilities(
        reads_back=True,
        found_by_key=True,
        deletes=True,
        settling=5.0,
        text=contract.TextLimit(LIMIT, "characters"),
        pictures=PICTURES,
    )

    Settings: ClassVar[type[BaseModel]] = SlackSettings
    Secrets: ClassVar[type[BaseModel]] = SlackSecrets

    def __init__(self, settings: SlackSettings, secrets: SlackSecrets, context: contract.AdapterContext) -> None:
        self._channel = settings.channel_id
        self._client = slack.SlackClient(context.network, settings, secrets)
        self._workspace = ""

    def compose(self, draft: contract.Draft) -> contract.Payload:
        wording.check_pictures(draft, self.label, PICTURES)
        text = wording.build_text(draft, self.label)
        escaped = _escape(text)
        limit = LIMIT_WITH_PICTURES if draft.pictures else LIMIT
        counting = "&, < and > count as 4 or 5"
        wording.check_length(
            self.label, len(escaped), limit, f"with pictures, and {counting}" if draft.pictures else counting
        )
        warnings = []
        if len(escaped) > HARD_TO_READ:
            warnings.append(
                "Slack hides the end of messages longer than 4,000 characters. Shorten the text and link to the rest."
            )
        return wording.build_payload(
            draft, text, length=len(escaped), limit=limit, body={"text": escaped}, warnings=warnings
        )

    def send(self, payload: contract.Payload, *, key: str, timeout: float) -> contract.Receipt:
        deadline = http.Deadline(timeout)
        workspace = self._client.prepare(self._ask_workspace, deadline.left())
        files = self._client.prepare(lambda client: slack.upload(client, payload.pictures), deadline.left())
        message = {
            "channel": self._channel,
            "text": payload.body["text"],
            "metadata": {"event_type": slack.EVENT_TYPE, "event_payload": {"key": key}},
            **({"blocks": _blocks(payload, files)} if files else {"mrkdwn": False}),
        }
        stamp = self._client.send(
            lambda client: answer.identity_of(client.chat_postMessage(**message)["ts"]), deadline.left()
        )
        return self._receipt(workspace, stamp)

    def find(self, *, key: str, link: str, timeout: float) -> contract.Receipt | None:
        """Reads the channel from the moment of the first attempt on."""
        since = max(0.0, (recent_posts.first_attempt_at(key) or 0.0) - recent_posts.CLOCK_SKEW)

        def look(client: slack.Client) -> contract.Receipt | None:
            stamp = slack.find_message(client, self._channel, key, since)
            return self._receipt(self._ask_workspace(client), stamp) if stamp else None

        return self._client.read(look, timeout)

    def delete(self, receipt: contract.Receipt, *, timeout: float) -> None:
        channel, _, stamp = receipt.remote_id.partition(":")
        self._client.delete(lambda client: client.chat_delete(channel=channel, ts=stamp), timeout)

    def check(self, *, timeout: float) -> contract.Health:
        deadline = http.Deadline(timeout)
        account = ""
        try:
            account, scopes = self._client.call(_who_and_what, deadline.left())
            if "chat:write" not in scopes:
                remedy = slack.REMEDIES["missing_scope"]
                message = f"The app cannot post: it needs the permission chat:write. {remedy}"
                return contract.Health(ok=False, account=account, message=message)
            self._client.call(
                lambda client: client.conversations_history(channel=self._channel, limit=1), deadline.left()
            )
        except http.CallFailed as error:
            return self._client.unhealthy(error, account)
        missing = sorted({"files:read", "files:write"} - scopes)
        message = f"Connected to Slack as {account}."
        if missing:
            message += f" Pictures cannot be included: the app needs the permission {' and '.join(missing)}."
        return contract.Health(ok=True, account=account, message=message)

    def _ask_workspace(self, client: slack.Client) -> str:
        """The workspace's address, which never changes for one token; asked before anything is posted."""
        self._workspace = self._workspace or answer.text_of(client.auth_test()["url"])
        return self._workspace

    def _receipt(self, workspace: str, stamp: str) -> contract.Receipt:
        url = f"{workspace.rstrip('/')}/archives/{self._channel}/p{stamp.replace('.', '')}"
        return contract.Receipt(remote_id=f"{self._channel}:{stamp}", url=url)


def _who_and_what(client: slack.Client) -> tuple[str, set[str]]:
    said = client.auth_test()
    return f"{answer.text_of(said['user'])} in {answer.text_of(said['team'])}", slack.scopes(said.headers)


def _escape(text: str) -> str:
    """The three characters that Slack's messages give a meaning (docs.slack.dev, formatting message text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _blocks(payload: contract.Payload, files: list[str]) -> list[dict[str, Any]]:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": payload.body["text"]}}
    images = [
        {"type": "image", "slack_file": {"id": file}, "alt_text": picture.alt_text or "Picture"}
        for file, picture in zip(files, payload.pictures, strict=True)
    ]
    return [section, *images]
