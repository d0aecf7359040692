"""Facebook: posts as a Page through the Graph API, reads back and takes down.

Leaves to others what is said, when it goes out, and what is done after a named failure. Sources:
developers.facebook.com, “Page Feed”, “Page Photos”, “Debug-Token”, “Handle Errors”, “Rate Limits”.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, TypeVar
from urllib.parse import urlencode

import requests
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from scheduler.channels import contract
from scheduler.channels.facebook import sign_in as facebook_sign_in
from scheduler.channels.lib import http, recent_posts, wording
from scheduler.channels.lib.sign_in import SignIn

T = TypeVar("T")

LIMIT = 63_206
"""UTF-16 units: what Facebook's own form takes; the Graph API's reference names no number."""
TEXT = contract.TextLimit(LIMIT, "UTF-16 units")
# Pictures of up to 4 MB (“Page Photos”), which Facebook shows 2,048 pixels wide; four get through within one send.
PICTURES = contract.PictureLimits(most=4, bytes=4_000_000, side=2_048, alt_text=1_000)
FOR_PICTURES = 0.6
"""Share of the time that uploading may take; the rest is kept for the post, whose end must be known."""
POSTS_READ = 100
"""The most that one question answers."""
WRITES, READS, _ = facebook_sign_in.PERMISSIONS
CANNOT_SEE = (
    f"Facebook does not let us read the Page's posts: the permission {READS} is missing. Without it a person has to "
    "look whenever an answer gets lost."
)
NEARLY_USED_UP = 75
"""Per cent of the calls of an hour."""
# Facebook says by a code of its own, mostly under status 400, what others say by the status.
STATUS_OF_CODE = {
    1: 500,  # unknown error
    2: 500,  # service for the moment not there
    102: 401,
    190: 401,
    4: 429,  # the app's calls
    17: 429,  # the person's calls
    32: 429,  # the Page's calls
    613: 429,
    80001: 429,  # the Page's calls, as counted for businesses
}
DUPLICATE = 506
NOT_THERE_OR_NOT_ALLOWED = (100, 33)
PERMISSION_CODES = frozenset({3, 10, *range(200, 300)})
ADDRESS = r"^https?://[^\s/?#@]+(/[^\s?#]*)?$"


class FacebookSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    page_id: str = Field(
        pattern=r"^[0-9]{1,20}$",
        title="Number of the Page",
        description="On the Page: About, Page transparency, Page ID.",
    )
    api_version: str = Field(
        default="v24.0",
        pattern=r"^v[0-9]{1,3}\.[0-9]$",
        title="Version of the Graph API",
        description="Facebook ends each version after about two years.",
    )
    api_base: str = Field(default="https://graph.facebook.com", pattern=ADDRESS, title="Address of the Graph API")
    oauth_base: str = Field(default="https://www.facebook.com", pattern=ADDRESS, title="Address of Facebook's sign-in")

    @field_validator("api_base", "oauth_base")
    @classmethod
    def _without_final_slash(cls, address: str) -> str:
        return address.rstrip("/")


class FacebookSecrets(BaseModel):
    model_config = ConfigDict(extra="forbid")

    access_token: SecretStr = Field(
        min_length=1, title="Page access token", description="The Page's own, not that of the person who manages it."
    )
    app_id: SecretStr = Field(
        default=SecretStr(""), title="Id of your app", description="Needed to see the permissions and their end."
    )
    app_secret: SecretStr = Field(default=SecretStr(""), title="Secret of your app")


class Facebook:
    kind: ClassVar[str] = "facebook"
    label: ClassVar[str] = "Facebook"
    reaches: ClassVar[Literal["public", "staff", "either"]] = "public"
    abilities: ClassVar[contract.Abilities] = contract.Abilities(
        reads_back=True, deletes=True, settling=30.0, text=TEXT, pictures=PICTURES
    )
    Settings: ClassVar[type[BaseModel]] = FacebookSettings
    Secrets: ClassVar[type[BaseModel]] = FacebookSecrets
    sign_in: ClassVar[SignIn] = facebook_sign_in.SIGN_IN

    def __init__(self, settings: FacebookSettings, secrets: FacebookSecrets, context: contract.AdapterContext) -> None:
        self._settings = settings
        self._secrets = secrets
        self._client = http.ChannelClient(self.label, context.network, explain=_explained, wait=_wait)

    def compose(self, draft: contract.Draft) -> contract.Payload:
        """The link stands in the words too, which Facebook gives back as they were: its preview shows where the link
        leads in the end, and not our tracked one."""
        wording.check_pictures(draft, self.label, PICTURES.most, PICTURES.alt_text)
        text = wording.build_text(draft, self.label)
        length = len(text.encode("utf-16-le")) // 2
        if length > LIMIT:
            raise wording.too_long(self.label, length - LIMIT, LIMIT, "an emoji counts 2 or more")
        body = {"message": text}
        if draft.link and not draft.pictures:
            body["link"] = draft.link
        return contract.Payload(
            text=text,
            length=length,
            limit=LIMIT,
            body=body,
            warnings=tuple(wording.warnings(text, draft.pictures)),
            pictures=draft.pictures,
        )

    def send(self, payload: contract.Payload, *, key: str, timeout: float) -> contract.Receipt:  # noqa: ARG002
        deadline, uploads = http.Deadline(timeout), http.Deadline(timeout * FOR_PICTURES)
        body = dict(payload.body)
        if payload.pictures:
            body["attached_media"] = [{"media_fbid": self._uploaded(picture, uploads)} for picture in payload.pictures]

        def post(session: requests.Session) -> str:
            answer = session.post(self._address(f"{self._settings.page_id}/feed"), json=body)
            return _identity(http.expect_status(answer, 200).json())

        try:
            return _receipt(self._ask(post, deadline.left()))
        except http.CallFailed as error:
            if _code(error.response) == DUPLICATE:
                raise contract.OutcomeUnknown(
                    "Facebook says that it has this text already, so the post may be live. Look at the Page.",
                    code="duplicate_hint",
                ) from error
            raise self._client.failure(error) from error

    def find(self, *, key: str, link: str, timeout: float) -> contract.Receipt | None:
        """Looks at the Page's posts since our first try."""
        if not link:
            raise contract.CannotRead(
                "Without a tracked link the post cannot be recognised on Facebook. Look at the Page."
            )

        def look(session: requests.Session) -> str | None:
            posts = recent_posts.since_first_attempt(self._pages(session), _moment, key)
            return next((_identity(post) for post in posts if _carries(post, link)), None)

        try:
            found = self._ask(look, timeout)
        except http.CallFailed as error:
            if _code(error.response) in PERMISSION_CODES:
                raise contract.CannotRead(CANNOT_SEE, code="missing_permission") from error
            raise self._client.cannot_read(error) from error
        return _receipt(found) if found else None

    def delete(self, receipt: contract.Receipt, *, timeout: float) -> None:
        """For a post that is gone, and for one that we may not touch, Facebook has the same answer: so we look."""
        deadline = http.Deadline(timeout)

        def take_down(session: requests.Session) -> None:
            if http.expect_status(session.delete(self._address(receipt.remote_id)), 200).json()["success"] is not True:
                raise http.UnexpectedResponse("Facebook does not say that it is deleted")

        try:
            self._ask(take_down, deadline.left())
        except http.CallFailed as error:
            if _codes(error.response) != NOT_THERE_OR_NOT_ALLOWED or self._shows(receipt, deadline):
                raise self._client.failure(error, http.TAKEN_DOWN) from error

    def _shows(self, receipt: contract.Receipt, deadline: http.Deadline) -> bool:
        """Also where Facebook does not let us look."""
        address = self._address(receipt.remote_id)
        try:
            self._ask(
                lambda session: http.expect_status(session.get(address, params={"fields": "id"}), 200), deadline.left()
            )
        except http.CallFailed as error:
            return _codes(error.response) != NOT_THERE_OR_NOT_ALLOWED
        return True

    def check(self, *, timeout: float) -> contract.Health:
        """Without the app's id and secret Facebook does not say what we may do, nor when the sign-in ends."""
        deadline = http.Deadline(timeout)
        try:
            token = self._debugged(deadline)
            if token is not None and not token["is_valid"]:
                return contract.Health(ok=False, account="", message=self._client.sign_in_again())
            page, used = self._ask(self._who, deadline.left())
            reads = self._may_read(deadline.left())
        except http.CallFailed as error:
            if error.status == 401:
                return contract.Health(ok=False, account="", message=self._client.sign_in_again())
            raise self._client.cannot_read(error) from error
        ends, account = _end(token), str(page["name"])
        problem = self._problem(page, token)
        if problem:
            return contract.Health(ok=False, account=account, message=problem, expires_at=ends)
        message = f"Connected to Facebook as {account}." + ("" if reads else f" {CANNOT_SEE}")
        if used >= NEARLY_USED_UP:
            message += f" {used} % of the calls that Facebook allows in an hour are used."
        return contract.Health(ok=True, account=account, message=message, expires_at=ends)

    def _problem(self, page: dict[str, Any], token: dict[str, Any] | None) -> str:
        if page["id"] != self._settings.page_id:
            return (
                f"This is the sign-in of “{page['name']}”, not of the Page in the settings. Give the Page's own token."
            )
        if token is not None and WRITES not in token.get("scopes", []):
            return f"Facebook does not let us post: the permission {WRITES} is missing. Connect the account again."
        return ""

    def _ask(self, work: Callable[[requests.Session], T], timeout: float, *, token: str = "") -> T:
        """By default as the Page. CallFailed carries the status that the code of Facebook's answer stands for."""

        def signed(session: requests.Session) -> T:
            session.headers["Authorization"] = f"Bearer {token or self._secrets.access_token.get_secret_value()}"
            return work(session)

        try:
            return self._client.ask(signed, timeout)
        except http.CallFailed as error:
            error.status = STATUS_OF_CODE.get(_code(error.response), error.status)
            raise

    def _address(self, path: str) -> str:
        return f"{self._settings.api_base}/{self._settings.api_version}/{path}"

    def _uploaded(self, picture: contract.Picture, deadline: http.Deadline) -> str:
        """Unpublished, until a post carries it."""

        def upload(session: requests.Session) -> str:
            answer = session.post(
                self._address(f"{self._settings.page_id}/photos"),
                data={"published": "false", "alt_text_custom": picture.alt_text},
                files={"source": ("picture", picture.data, picture.media_type)},
            )
            return _identity(http.expect_status(answer, 200).json())

        try:
            return self._ask(upload, deadline.left())
        except http.CallFailed as error:
            raise self._client.not_sent(error) from error

    def _pages(self, session: requests.Session) -> Iterator[list[dict[str, Any]]]:
        """The Page's posts, the newest first."""
        answer = self._latest(session, POSTS_READ)
        yield answer["data"]
        while "next" in answer.get("paging", {}):
            answer = self._latest(session, POSTS_READ, after=answer["paging"]["cursors"]["after"])
            yield answer["data"]

    def _latest(self, session: requests.Session, count: int, after: str | None = None) -> dict[str, Any]:
        query = {"fields": "id,message,created_time,attachments{unshimmed_url}", "limit": str(count), "after": after}
        answer = session.get(self._address(f"{self._settings.page_id}/published_posts"), params=query)
        return dict(http.expect_status(answer, 200).json())

    def _may_read(self, timeout: float) -> bool:
        try:
            self._ask(lambda session: self._latest(session, 1), timeout)
        except http.CallFailed as error:
            if _code(error.response) in PERMISSION_CODES:
                return False
            raise
        return True

    def _who(self, session: requests.Session) -> tuple[dict[str, Any], int]:
        """The account, and per cent of our calls that are used up."""
        answer = http.expect_status(session.get(self._address("me"), params={"fields": "id,name"}), 200)
        usage = json.loads(answer.headers.get("x-app-usage", "{}"))
        return {"id": answer.json()["id"], "name": answer.json()["name"]}, int(max([0, *usage.values()]))

    def _debugged(self, deadline: http.Deadline) -> dict[str, Any] | None:
        app_id, app_secret = (getattr(self._secrets, name).get_secret_value() for name in ("app_id", "app_secret"))
        if not (app_id and app_secret):
            return None
        token = self._secrets.access_token.get_secret_value()
        # The token to look at is a parameter of the address; in a batch that address is part of the body.
        question = {"method": "GET", "relative_url": f"debug_token?{urlencode({'input_token': token})}"}

        def look(session: requests.Session) -> dict[str, Any]:
            form = {"batch": json.dumps([question]), "include_headers": "false"}
            (answer,) = http.expect_status(session.post(self._address(""), data=form), 200).json()
            if answer["code"] != 200:
                raise http.UnexpectedResponse(f"status {answer['code']}")
            return dict(json.loads(answer["body"])["data"])

        return self._ask(look, deadline.left(), token=f"{app_id}|{app_secret}")


def _moment(post: dict[str, Any]) -> float:
    return datetime.fromisoformat(post["created_time"]).timestamp()


def _carries(post: dict[str, Any], link: str) -> bool:
    attached = [str(each.get("unshimmed_url", "")) for each in post.get("attachments", {}).get("data", [])]
    return link in attached or wording.contains_link(str(post.get("message", "")), link)


def _end(token: dict[str, Any] | None) -> datetime | None:
    """The earlier of the token's end and that of its access; 0 is never."""
    ends = [int((token or {}).get(name) or 0) for name in ("expires_at", "data_access_expires_at")]
    return datetime.fromtimestamp(min(filter(None, ends)), UTC) if any(ends) else None


def _identity(said: dict[str, Any]) -> str:
    identity = said.get("id")
    if not isinstance(identity, str) or not identity:
        raise http.UnexpectedResponse("an answer without an id")
    return identity


def _receipt(remote_id: str) -> contract.Receipt:
    return contract.Receipt(remote_id=remote_id, url=f"https://www.facebook.com/{remote_id}")


def _codes(response: requests.Response | None) -> tuple[int, int]:
    """Facebook's own error code and sub-code; 0 where it names none."""
    try:
        error = response.json()["error"] if response is not None else {}
        return int(error.get("code", 0)), int(error.get("error_subcode", 0))
    except (ValueError, KeyError, TypeError, AttributeError):
        return 0, 0


def _code(response: requests.Response | None) -> int:
    return _codes(response)[0]


def _explained(response: requests.Response) -> str:
    error = response.json()["error"]
    return str(error.get("error_user_msg") or error.get("message", ""))


def _wait(response: requests.Response) -> float | None:
    """Seconds until Facebook takes calls for the Page again, which it tells in minutes."""
    try:
        usage = json.loads(response.headers.get("x-business-use-case-usage", "{}"))
        minutes = [each["estimated_time_to_regain_access"] for kinds in usage.values() for each in kinds]
        return 60.0 * float(max(minutes)) or http.retry_after(response)
    except (ValueError, KeyError, TypeError, AttributeError):
        return http.retry_after(response)
