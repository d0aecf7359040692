"""What we ask of Slack, by its own client library, which is made to speak through a guarded session; and what the error
codes of Slack's answers mean."""

from __future__ import annotations

import time
from typing import Any

import requests
from slack_sdk import WebClient

from scheduler.channels.contract import CannotRead, Health, Picture
from scheduler.channels.lib import http
from scheduler.channels.slack.settings import SlackSecrets, SlackSettings
from scheduler.net import answer
from scheduler.net.network import Network

EVENT_TYPE = "promenade_publication"
PAGE = 200
BETWEEN_QUESTIONS = 0.25
"""Seconds between two questions whether Slack has taken a picture in."""
SIGN_IN_ENDED = frozenset({"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"})
MAY_HAVE_POSTED = frozenset({"fatal_error", "internal_error", "service_unavailable", "request_timeout"})
"""Of the first two Slack says that some aspect of the call may have succeeded."""
BUSY = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
GONE = "message_not_found"
REMEDIES = {
    "not_in_channel": "Invite the app to the channel: type /invite and its name there.",
    "channel_not_found": "Check the channel ID. If the channel is private, invite the app to it.",
    "is_archived": "The channel is archived.",
    "missing_scope": "Give the app the missing permission, install it again, and connect with its new token.",
    "restricted_action": "The workspace does not let this app post there. Ask its administrator.",
}


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
            raise answer.UnexpectedResponse("no JSON object")
        return {"status": response.status_code, "headers": response.headers, "body": response.text}

    def put_file(self, address: str, data: bytes) -> None:
        headers = {"Content-Type": "application/octet-stream"}
        http.expect_status(self._session.post(address, data=data, headers=headers))


class SlackClient(http.ChannelClient[Client]):
    label = "Slack"

    def __init__(self, via: Network, settings: SlackSettings, secrets: SlackSecrets) -> None:
        super().__init__(via)
        self._api_base, self._token = settings.api_base, secrets.bot_token

    def connect(self, session: requests.Session) -> Client:
        return Client(session, self._token.get_secret_value(), self._api_base)

    def explain(self, response: requests.Response) -> str:
        said = response.json()
        if said["error"] in REMEDIES:
            return f"{said['error']}. {REMEDIES[said['error']]}"
        more = answer.words_of(said.get("response_metadata", {}).get("messages", []))
        return f"{said['error']} {more}".strip() + "."

    def status(self, response: requests.Response) -> int:
        """Slack refuses with status 200 and says so inside."""
        code = _error_code(response)
        if response.status_code != 200 or not code:
            return response.status_code
        if code in SIGN_IN_ENDED:
            return 401
        if code in BUSY:
            return 429
        if code == GONE:
            return 404
        return 500 if code in MAY_HAVE_POSTED else 403

    def cannot_read(self, error: http.CallFailed) -> CannotRead:
        if error.status in (403, 404) and _error_code(error.response):
            return CannotRead(f"We cannot read the Slack channel: {error.explanation}")
        return super().cannot_read(error)

    def unhealthy(self, error: http.CallFailed, account: str) -> Health:
        """Of a check that failed, where a person has to do something. Raises CannotRead."""
        if error.status == 401 or _error_code(error.response) in REMEDIES:
            return Health(ok=False, account=account, message=str(self.cannot_read(error)))
        raise self.cannot_read(error) from error


def upload(client: Client, pictures: tuple[Picture, ...]) -> list[str]:
    """Ids of the pictures, shared nowhere yet. Slack takes them in by and by, and refuses a message with one that it
    has not taken in."""
    files = []
    for number, picture in enumerate(pictures, start=1):
        name = f"picture-{number}.{'png' if picture.media_type == 'image/png' else 'jpg'}"
        target = client.files_getUploadURLExternal(filename=name, length=len(picture.data), alt_txt=picture.alt_text)
        client.put_file(answer.text_of(target["upload_url"]), picture.data)
        files.append(answer.identity_of(target["file_id"]))
    if files:
        client.files_completeUploadExternal(files=[{"id": file} for file in files])
    for file in files:
        while not client.files_info(file=file)["file"].get("mimetype"):
            time.sleep(BETWEEN_QUESTIONS)
    return files


def find_message(client: Client, channel: str, key: str, since: float) -> str | None:
    """Slack's time stamp of the message with this key in its metadata."""
    cursor = ""
    while True:
        page = client.conversations_history(
            channel=channel, include_all_metadata=True, oldest=f"{since:.6f}", limit=PAGE, cursor=cursor or None
        )
        for message in page["messages"]:
            metadata = message.get("metadata", {})
            if metadata.get("event_type") == EVENT_TYPE and metadata.get("event_payload", {}).get("key") == key:
                return answer.identity_of(message["ts"])
        if not page["has_more"]:
            return None
        cursor = page["response_metadata"]["next_cursor"]


def scopes(headers: Any) -> set[str]:
    """The app's permissions, as an answer's headers name them."""
    value = next((str(value) for name, value in headers.items() if name.lower() == "x-oauth-scopes"), "")
    return {scope.strip() for scope in value.split(",")}


def _error_code(response: requests.Response | None) -> str:
    """Slack's own word for what went wrong; empty where it said none."""
    try:
        said = response.json() if response is not None else {}
    except answer.ODD:
        return ""
    return str(said.get("error", "")) if isinstance(said, dict) and said.get("ok") is False else ""
