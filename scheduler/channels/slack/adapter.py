"""Slack: posts to one channel of a workspace as an app's bot, and finds its posts again by the key in their metadata.

Leaves to others what is said, when it goes out, and what is done after a named failure. Limits are those of
docs.slack.dev (chat.postMessage, Block Kit's section and image blocks).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import Any, ClassVar, Literal, TypeVar

import requests
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from slack_sdk import WebClient

from scheduler.channels import contract
from scheduler.channels.lib import http, wording

T = TypeVar("T")

LIMIT = 40_000
"""Characters of a message; Slack cuts longer ones off."""
LIMIT_WITH_PICTURES = 3_000
"""Characters of the section block that carries the text when pictures go along."""
HARD_TO_READ = 4_000
"""Characters, beyond which Slack advises against a message."""
PICTURES = contract.PictureLimits(most=4, bytes=10_000_000, side=4_096, alt_text=2_000)
"""Slack takes more; four are taken in within one send, and no publication has more."""
EVENT_TYPE = "promenade_publication"
PAGE = 200
CLOCKS_APART = 60.0
"""Seconds by which our clock and Slack's may differ."""
BETWEEN_QUESTIONS = 0.25
"""Seconds between two questions whether Slack has taken a picture in."""

SIGN_IN_ENDED = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})
MAY_HAVE_POSTED = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout"})
"""Of the first two Slack says that some aspect of the call may have succeeded."""
BUSY = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
REMEDIES = {
    "not_in_channel": "Invite the app into the channel: write /invite and its name there.",
    "channel_not_found": "Check the channel's id, and invite the app into the channel if it is a private one.",
    "is_archived": "The channel is archived.",
    "missing_scope": "Give the app the permission that it lacks, install it again, and connect with its new token.",
    "restricted_action": "The workspace does not let this app post there. Ask its administrator.",
}


class SlackSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    channel_id: str = Field(
        pattern=r"^[CG][A-Z0-9]{6,20}$",
        title="Id of the channel",
        description="Begins with C or G. In Slack: open the channel's details; the id stands at the very bottom.",
    )
    api_base: str = Field(
        default="https://slack.com/api",
        pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$",
        title="Address of Slack's API",
        description="Leave this as it is.",
    )

    @field_validator("api_base")
    @classmethod
    def _without_final_slash(cls, address: str) -> str:
        return address.rstrip("/")


class SlackSecrets(BaseModel):
    model_config = ConfigDict(extra="forbid")

    bot_token: SecretStr = Field(
        min_length=1, title="Bot token", description="Begins with xoxb-. It stands under “OAuth & Permissions”."
    )


class Client(WebClient):
    """Slack's own client, which speaks through a guarded session."""

    def __init__(self, session: requests.Session, token: str, api_base: str) -> None:
        super().__init__(token=token, base_url=api_base, retry_handlers=[])
        self._session = session

    def _perform_urllib_http_request(self, *, url: str, args: dict[str, dict[str, Any]]) -> dict[str, Any]:
        headers = {name: value for name, value in args["headers"].items() if name.lower() != "content-type"}
        if args["json"]:
            response = self._session.post(url, json=args["json"], headers=headers)
        else:
            response = self._session.post(url, data=args["params"], headers=headers)
        if not isinstance(response.json(), dict):
            raise http.UnexpectedResponse("no JSON object")
        return {"status": response.status_code, "headers": response.headers, "body": response.text}

    def upload(self, address: str, data: bytes) -> None:
        http.expect_status(self._session.post(address, data=data, headers={"Content-Type": "application/octet-stream"}))


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
        self._settings = settings
        self._secrets = secrets
        self._client = http.ChannelClient(self.label, context.network, explain=_explained)
        self._workspace = ""

    def compose(self, draft: contract.Draft) -> contract.Payload:
        wording.check_pictures(draft, self.label, PICTURES.most, PICTURES.alt_text)
        text = wording.build_text(draft, self.label)
        escaped = _escaped(text)
        limit = LIMIT_WITH_PICTURES if draft.pictures else LIMIT
        if len(escaped) > limit:
            how = "with pictures, and &, < and > count 4 or 5" if draft.pictures else "&, < and > count 4 or 5"
            raise wording.too_long(self.label, len(escaped) - limit, limit, how)
        warnings = wording.warnings(text, draft.pictures)
        if len(escaped) > HARD_TO_READ:
            warnings.append("Slack folds away messages of more than 4,000 characters. Say less, and link to the rest.")
        return contract.Payload(
            text=text,
            length=len(escaped),
            limit=limit,
            body={"text": escaped},
            warnings=tuple(warnings),
            pictures=draft.pictures,
        )

    def send(self, payload: contract.Payload, *, key: str, timeout: float) -> contract.Receipt:
        deadline = http.Deadline(timeout)
        try:
            workspace = self._who_we_are(deadline)
            files = self._ask(lambda client: _uploaded(client, payload.pictures), deadline.left())
        except http.CallFailed as error:
            raise self._not_sent(error) from error
        message = {
            "channel": self._settings.channel_id,
            "text": payload.body["text"],
            "metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": key}},
            **({"blocks": _blocks(payload, files)} if files else {"mrkdwn": False}),
        }
        try:
            posted = self._ask(lambda client: str(client.chat_postMessage(**message)["ts"]), deadline.left())
        except http.CallFailed as error:
            raise self._failure(error) from error
        return self._receipt(workspace, posted)

    def find(self, *, key: str, link: str, timeout: float) -> contract.Receipt | None:  # noqa: ARG002
        """Reads the channel from the moment of the first try on."""
        deadline = http.Deadline(timeout)
        since = (uuid.UUID(key).int >> 80) / 1000 - CLOCKS_APART
        try:
            workspace = self._who_we_are(deadline)
            found = self._ask(lambda client: self._look(client, key, since), deadline.left())
        except http.CallFailed as error:
            raise self._cannot_read(error) from error
        return self._receipt(workspace, found) if found else None

    def delete(self, receipt: contract.Receipt, *, timeout: float) -> None:
        channel, _, posted = receipt.remote_id.partition(":")
        try:
            self._ask(lambda client: client.chat_delete(channel=channel, ts=posted), timeout)
        except http.CallFailed as error:
            if _error(error) != "message_not_found":
                raise self._failure(error, http.TAKEN_DOWN) from error

    def check(self, *, timeout: float) -> contract.Health:
        deadline = http.Deadline(timeout)
        try:
            who = self._ask(lambda client: client.auth_test(), deadline.left())
            granted = {scope.strip() for scope in _header(who.headers, "x-oauth-scopes").split(",")}
            account = f"{who['user']} in {who['team']}"
        except http.CallFailed as error:
            return self._unhealthy(error, "")
        if "chat:write" not in granted:
            message = f"The app may not post: it lacks the permission chat:write. {REMEDIES['missing_scope']}"
            return contract.Health(ok=False, account=account, message=message)
        try:
            channel = self._settings.channel_id
            self._ask(lambda client: client.conversations_history(channel=channel, limit=1), deadline.left())
        except http.CallFailed as error:
            return self._unhealthy(error, account)
        lacking = sorted({"files:read", "files:write"} - granted)
        message = f"Connected to Slack as {account}."
        if lacking:
            message += f" Pictures cannot go along: the app lacks the permission {' and '.join(lacking)}."
        return contract.Health(ok=True, account=account, message=message)

    def _look(self, client: Client, key: str, since: float) -> str | None:
        cursor = ""
        while True:
            page = client.conversations_history(
                channel=self._settings.channel_id,
                include_all_metadata=True,
                oldest=f"{since:.6f}",
                limit=PAGE,
                cursor=cursor or None,
            )
            for message in page["messages"]:
                said = message.get("metadata", {})
                if said.get("event_type") == EVENT_TYPE and said.get("event_payload", {}).get("key") == key:
                    return str(message["ts"])
            if not page["has_more"]:
                return None
            cursor = page["response_metadata"]["next_cursor"]

    def _who_we_are(self, deadline: http.Deadline) -> str:
        """The workspace's address, which never changes for one token; asked before anything is posted."""
        self._workspace = self._workspace or self._ask(lambda client: str(client.auth_test()["url"]), deadline.left())
        return self._workspace

    def _ask(self, work: Callable[[Client], T], timeout: float) -> T:
        token, api_base = self._secrets.bot_token.get_secret_value(), self._settings.api_base
        return self._client.ask(lambda session: work(Client(session, token, api_base)), timeout)

    def _receipt(self, workspace: str, posted: str) -> contract.Receipt:
        channel = self._settings.channel_id
        url = f"{workspace.rstrip('/')}/archives/{channel}/p{posted.replace('.', '')}"
        return contract.Receipt(remote_id=f"{channel}:{posted}", url=url)

    def _failure(self, error: http.CallFailed, done: str = http.POSTED) -> contract.NotSent | contract.OutcomeUnknown:
        """Slack refuses with status 200 and says so inside."""
        code = _error(error)
        if error.status == 200 and code and code not in MAY_HAVE_POSTED:
            return self._not_sent(error, done)
        return self._client.failure(error, done)

    def _not_sent(self, error: http.CallFailed, done: str = http.POSTED) -> contract.NotSent:
        code = _error(error)
        if code in SIGN_IN_ENDED:
            return contract.NotSent(self._client.sign_in_again(), code="needs_sign_in", permanent=True)
        if not code or code in MAY_HAVE_POSTED or error.status != 200:
            return self._client.not_sent(error, done)
        if code in BUSY:
            return contract.NotSent(
                f"Slack takes no more messages from us for now, so nothing was {done}.",
                code="rate_limited",
                retry_after=None if error.response is None else http.retry_after(error.response),
            )
        return contract.NotSent(
            f"Slack refused, so nothing was {done}: {_explanation(error)}", code="refused", permanent=True
        )

    def _cannot_read(self, error: http.CallFailed) -> contract.CannotRead:
        code = _error(error)
        if code in SIGN_IN_ENDED:
            return contract.CannotRead(self._client.sign_in_again(), code="needs_sign_in")
        if code and code not in BUSY | MAY_HAVE_POSTED:
            return contract.CannotRead(f"Slack does not let us read the channel: {_explanation(error)}")
        return self._client.cannot_read(error)

    def _unhealthy(self, error: http.CallFailed, account: str) -> contract.Health:
        failure = self._cannot_read(error)
        if _error(error) in SIGN_IN_ENDED | REMEDIES.keys() or failure.code == "needs_sign_in":
            return contract.Health(ok=False, account=account, message=str(failure))
        raise failure from error


def _escaped(text: str) -> str:
    """The three characters that Slack's messages give a meaning (docs.slack.dev, formatting message text)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _uploaded(client: Client, pictures: tuple[contract.Picture, ...]) -> list[str]:
    """Ids of the pictures, shared nowhere yet. Slack takes them in by and by, and refuses a message with one that it
    has not taken in."""
    files = []
    for number, picture in enumerate(pictures, start=1):
        name = f"picture-{number}.{'png' if picture.media_type == 'image/png' else 'jpg'}"
        place = client.files_getUploadURLExternal(filename=name, length=len(picture.data), alt_txt=picture.alt_text)
        client.upload(str(place["upload_url"]), picture.data)
        files.append(str(place["file_id"]))
    if files:
        client.files_completeUploadExternal(files=[{"id": file} for file in files])
    for file in files:
        while not client.files_info(file=file)["file"].get("mimetype"):
            time.sleep(BETWEEN_QUESTIONS)
    return files


def _blocks(payload: contract.Payload, files: list[str]) -> list[dict[str, Any]]:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": payload.body["text"]}}
    images = [
        {"type": "image", "slack_file": {"id": file}, "alt_text": picture.alt_text or "Picture"}
        for file, picture in zip(files, payload.pictures, strict=True)
    ]
    return [section, *images]


def _error(error: http.CallFailed) -> str:
    """Slack's own word for what went wrong; empty where it said none."""
    try:
        said = error.response.json() if error.response is not None else {}
    except ValueError:
        return ""
    return str(said.get("error", "")) if isinstance(said, dict) and said.get("ok") is False else ""


def _explanation(error: http.CallFailed) -> str:
    code = _error(error)
    return f"{code}. {REMEDIES[code]}" if code in REMEDIES else f"{error.explanation or code}."


def _explained(response: requests.Response) -> str:
    said = response.json()
    more = said.get("response_metadata", {}).get("messages", [])
    return f"{said['error']} {' '.join(more)}".strip()


def _header(headers: Any, name: str) -> str:
    return next((str(value) for key, value in headers.items() if key.lower() == name), "")
