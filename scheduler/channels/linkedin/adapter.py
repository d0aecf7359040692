"""LinkedIn: posts as an organisation's page through the versioned Posts API, reads back, takes down, keeps its
sign-in alive.

Leaves to others what is said, when it goes out, and what is done after a named failure. Sources: learn.microsoft.com,
“Posts API”, “Images API”, “MultiImage API”, “Token Introspection”, “Refresh Tokens with OAuth 2.0”.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal, TypeVar
from urllib.parse import quote, urlsplit

import requests
from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from scheduler.channels import contract
from scheduler.channels.lib import http, recent_posts, wording
from scheduler.channels.lib.sign_in import App, AuthorizationContext, Credentials, OAuth2, SignIn
from scheduler.channels.linkedin import text_format

T = TypeVar("T")

LIMIT = 3_000
"""UTF-16 units of the text as people read it: the strictest way of counting the documented 3,000 characters."""
TEXT = contract.TextLimit(LIMIT, "UTF-16 units")
# LinkedIn takes 20 pictures of up to 36,152,320 pixels; four of this size get through within one send.
PICTURES = contract.PictureLimits(most=4, bytes=5_000_000, side=6_000, alt_text=4_086)
TITLE_LIMIT = 400
FOR_PICTURES = 0.6
"""Share of the time that uploading may take; the rest is kept for the post, whose end must be known."""
POSTS_READ = 100
"""The most that one question answers."""
SHORTENED = "lnkd.in/"
CLOCKS_APART = 600.0
"""Seconds by which LinkedIn's clock and ours may differ."""
WRITES, READS = "w_organization_social", "r_organization_social"
CANNOT_SEE = (
    f"LinkedIn does not let us read the page's posts: the permission {READS} is missing. Without it a person has to "
    "look whenever an answer gets lost."
)
ADDRESS = r"^https?://[^\s/?#@]+(/[^\s?#]*)?$"


class LinkedInSettings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    organization_id: str = Field(
        pattern=r"^[0-9]{1,20}$",
        title="Number of the organisation's page",
        description="The number in the address of the page's admin view: linkedin.com/company/NUMBER/admin.",
    )
    api_version: str = Field(
        default="202610",
        pattern=r"^20[0-9]{2}(0[1-9]|1[0-2])$",
        title="Version of LinkedIn's API",
        description="Year and month. LinkedIn ends each version after about a year and says so in its refusals.",
    )
    api_base: str = Field(default="https://api.linkedin.com", pattern=ADDRESS, title="Address of LinkedIn's API")
    oauth_base: str = Field(default="https://www.linkedin.com", pattern=ADDRESS, title="Address of LinkedIn's sign-in")

    @field_validator("api_base", "oauth_base")
    @classmethod
    def _without_final_slash(cls, address: str) -> str:
        return address.rstrip("/")


class LinkedInSecrets(BaseModel):
    model_config = ConfigDict(extra="forbid")

    access_token: SecretStr = Field(min_length=1, title="Access token", description="Ends 60 days after it was made.")
    refresh_token: SecretStr = Field(
        default=SecretStr(""), title="Refresh token", description="LinkedIn gives one to approved apps only."
    )
    client_id: SecretStr = Field(
        default=SecretStr(""), title="Client id of your app", description="Needed to see when the sign-in ends."
    )
    client_secret: SecretStr = Field(default=SecretStr(""), title="Client secret of your app")


def _make_credentials(
    _: requests.Session, context: AuthorizationContext, app: App, said: dict[str, Any]
) -> Credentials:
    own = {"client_id": app.client_id, "client_secret": app.client_secret}
    return Credentials(dict(context.settings), own | _tokens_of(said))


SIGN_IN = OAuth2(
    label="LinkedIn",
    authorize=lambda settings: f"{settings['oauth_base'].rstrip('/')}/oauth/v2/authorization",
    token=lambda settings: f"{settings['oauth_base'].rstrip('/')}/oauth/v2/accessToken",
    scopes=(READS, WRITES),
    make_credentials=_make_credentials,
)


class LinkedIn:
    kind: ClassVar[str] = "linkedin"
    label: ClassVar[str] = "LinkedIn"
    reaches: ClassVar[Literal["public", "staff", "either"]] = "public"
    abilities: ClassVar[contract.Abilities] = contract.Abilities(
        reads_back=True, deletes=True, settling=30.0, text=TEXT, pictures=PICTURES, refreshes=True
    )
    Settings: ClassVar[type[BaseModel]] = LinkedInSettings
    Secrets: ClassVar[type[BaseModel]] = LinkedInSecrets
    sign_in: ClassVar[SignIn] = SIGN_IN

    def __init__(self, settings: LinkedInSettings, secrets: LinkedInSecrets, context: contract.AdapterContext) -> None:
        self._settings = settings
        self._secrets = secrets
        self._author = f"urn:li:organization:{settings.organization_id}"
        self._client = http.ChannelClient(self.label, context.network, explain=_explained)

    def compose(self, draft: contract.Draft) -> contract.Payload:
        wording.check_pictures(draft, self.label, PICTURES.most, PICTURES.alt_text)
        text = wording.build_text(draft, self.label)
        length = len(text.encode("utf-16-le")) // 2
        if length > LIMIT:
            raise wording.too_long(self.label, length - LIMIT, LIMIT, "an emoji counts 2 or more")
        body: dict[str, Any] = {
            "author": self._author,
            "commentary": text_format.encode(text),
            "visibility": "PUBLIC",
            "distribution": {
                "feedDistribution": "MAIN_FEED",
                "targetEntities": [],
                "thirdPartyDistributionChannels": [],
            },
            "lifecycleState": "PUBLISHED",
            "isReshareDisabledByAuthor": False,
        }
        # LinkedIn looks at no link by itself: its preview shows only what is given here.
        if draft.link and draft.title and not draft.pictures:
            body["content"] = {"article": {"source": draft.link, "title": draft.title[:TITLE_LIMIT]}}
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
            images = [
                {"id": self._uploaded(picture, uploads), "altText": picture.alt_text} for picture in payload.pictures
            ]
            body["content"] = {"media": images[0]} if len(images) == 1 else {"multiImage": {"images": images}}

        def post(session: requests.Session) -> str:
            answer = http.expect_status(session.post(self._address("posts"), json=body), 201)
            return _urn(answer.headers.get("x-restli-id", ""))

        try:
            return _receipt(self._ask(post, deadline.left()))
        except http.CallFailed as error:
            if error.status == 422 and error.response is not None and b"DUPLICATE_POST" in error.response.content:
                raise contract.OutcomeUnknown(
                    "LinkedIn says that it has this text already, so the post may be live. Look at the page.",
                    code="duplicate_hint",
                ) from error
            raise self._client.failure(error) from error

    def find(self, *, key: str, link: str, timeout: float) -> contract.Receipt | None:
        """Looks at the page's posts since our first try."""
        if not link:
            raise contract.CannotRead(
                "Without a tracked link the post cannot be recognised on LinkedIn. Look at the page."
            )
        posts: list[dict[str, Any]] = []

        def look(session: requests.Session) -> dict[str, Any] | None:
            for post in recent_posts.since_first_attempt(self._pages(session), _moment, key):
                if _carries(post, link):
                    return post
                posts.append(post)
            return None

        try:
            found = self._ask(look, timeout)
        except http.CallFailed as error:
            if error.status == 403:
                raise contract.CannotRead(CANNOT_SEE, code="missing_permission") from error
            raise self._client.cannot_read(error) from error
        if found is None and any(_hides_its_link(post, key) for post in posts):
            raise contract.CannotRead(
                "LinkedIn has shortened the links of recent posts, so ours cannot be told apart. Look at the page."
            )
        return _receipt(_urn(found["id"])) if found else None

    def delete(self, receipt: contract.Receipt, *, timeout: float) -> None:
        address = self._address("posts", receipt.remote_id)
        try:
            self._ask(lambda session: http.expect_status(session.delete(address), 200, 204), timeout)
        except http.CallFailed as error:
            if error.status != 404:
                raise self._client.failure(error, http.TAKEN_DOWN) from error

    def check(self, *, timeout: float) -> contract.Health:
        """Without the app's client id and secret LinkedIn does not say when the sign-in ends."""
        deadline = http.Deadline(timeout)
        try:
            token = self._introspected(deadline)
            if token is not None and not token["active"]:
                return contract.Health(ok=False, account="", message=self._client.sign_in_again())
            account = self._ask(self._name, deadline.left())
            reads = self._may_read(deadline.left())
        except http.CallFailed as error:
            if error.status == 401:
                return contract.Health(ok=False, account="", message=self._client.sign_in_again())
            raise self._client.cannot_read(error) from error
        ends = datetime.fromtimestamp(token["expires_at"], UTC) if token and token.get("expires_at") else None
        if token is not None and WRITES not in str(token.get("scope", "")).replace(",", " ").split():
            missing = f"LinkedIn does not let us post: the permission {WRITES} is missing. Connect the account again."
            return contract.Health(ok=False, account=account, message=missing, expires_at=ends)
        message = f"Connected to LinkedIn as {account}." + ("" if reads else f" {CANNOT_SEE}")
        return contract.Health(ok=True, account=account, message=message, expires_at=ends)

    def refresh(self, *, timeout: float) -> dict[str, Any]:
        """The present access token stays good until its own end, so repeating this is harmless."""
        kept = {name: getattr(self._secrets, name).get_secret_value() for name in type(self._secrets).model_fields}
        if not all(kept.values()):
            raise contract.NotSent(
                "LinkedIn gave no refresh token, so a person has to connect the account again before it ends.",
                code="cannot_refresh",
                permanent=True,
            )
        form = {"grant_type": "refresh_token"} | {
            name: kept[name] for name in ("refresh_token", "client_id", "client_secret")
        }

        def exchange(session: requests.Session) -> dict[str, Any]:
            said = http.expect_status(
                session.post(f"{self._settings.oauth_base}/oauth/v2/accessToken", data=form)
            ).json()
            return kept | _tokens_of(said)

        try:
            return self._client.ask(exchange, timeout)
        except http.CallFailed as error:
            if error.status == 400:  # OAuth's own answer to a refresh token that has ended
                raise contract.NotSent(self._client.sign_in_again(), code="needs_sign_in", permanent=True) from error
            raise self._client.not_sent(error, "refreshed") from error

    def _ask(self, work: Callable[[requests.Session], T], timeout: float) -> T:
        def signed(session: requests.Session) -> T:
            session.headers.update(self._headers())
            return work(session)

        return self._client.ask(signed, timeout)

    def _headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self._secrets.access_token.get_secret_value()}",
            "LinkedIn-Version": self._settings.api_version,
            "X-Restli-Protocol-Version": "2.0.0",
        }

    def _address(self, *parts: str) -> str:
        return "/".join([self._settings.api_base, "rest", *(quote(part, safe="") for part in parts)])

    def _uploaded(self, picture: contract.Picture, deadline: http.Deadline) -> str:
        def upload(session: requests.Session) -> str:
            wanted = {"initializeUploadRequest": {"owner": self._author}}
            begun = session.post(self._address("images"), params={"action": "initializeUpload"}, json=wanted)
            place = http.expect_status(begun, 200).json()["value"]
            if not self._is_linkedin(place["uploadUrl"]):
                raise http.UnexpectedResponse("an upload address elsewhere")
            put = session.put(place["uploadUrl"], data=picture.data, headers={"Content-Type": picture.media_type})
            http.expect_status(put, 200, 201)
            return _urn(place["image"])

        try:
            return self._ask(upload, deadline.left())
        except http.CallFailed as error:
            raise self._client.not_sent(error) from error

    def _is_linkedin(self, address: str) -> bool:
        """The token goes along with the upload."""
        asked, ours = urlsplit(address), urlsplit(self._settings.api_base)
        if asked.netloc == ours.netloc:
            return asked.scheme == ours.scheme
        return asked.scheme == "https" and f".{asked.hostname}".endswith(".linkedin.com")

    def _pages(self, session: requests.Session) -> Iterator[list[dict[str, Any]]]:
        """The page's posts, the newest first."""
        start = 0
        while posts := self._latest(session, POSTS_READ, start):
            yield posts
            start += POSTS_READ

    def _latest(self, session: requests.Session, count: int, start: int = 0) -> list[dict[str, Any]]:
        query = {"q": "author", "author": self._author, "sortBy": "CREATED", "count": str(count), "start": str(start)}
        answer = session.get(self._address("posts"), params=query, headers={"X-RestLi-Method": "FINDER"})
        return [dict(post) for post in http.expect_status(answer, 200).json()["elements"]]

    def _may_read(self, timeout: float) -> bool:
        try:
            self._ask(lambda session: self._latest(session, 1), timeout)
        except http.CallFailed as error:
            if error.status == 403:
                return False
            raise
        return True

    def _name(self, session: requests.Session) -> str:
        answer = session.get(self._address("organizations", self._settings.organization_id))
        if answer.status_code == 403:  # the page's name needs a permission of its own, which posting does not
            return f"page {self._settings.organization_id}"
        return str(http.expect_status(answer, 200).json()["localizedName"])

    def _introspected(self, deadline: http.Deadline) -> dict[str, Any] | None:
        client_id, client_secret = (
            getattr(self._secrets, name).get_secret_value() for name in ("client_id", "client_secret")
        )
        if not (client_id and client_secret):
            return None
        token = self._secrets.access_token.get_secret_value()
        form = {"client_id": client_id, "client_secret": client_secret, "token": token}
        address = f"{self._settings.oauth_base}/oauth/v2/introspectToken"
        said: dict[str, Any] = self._client.ask(
            lambda session: http.expect_status(session.post(address, data=form), 200).json(), deadline.left()
        )
        return said


def _tokens_of(said: dict[str, Any]) -> dict[str, str]:
    """What LinkedIn's token endpoint gives; a refresh token that it does not renew stays."""
    found = {"access_token": str(said["access_token"])}
    if said.get("refresh_token"):
        found["refresh_token"] = str(said["refresh_token"])
    return found


def _carries(post: dict[str, Any], link: str) -> bool:
    source = str(post.get("content", {}).get("article", {}).get("source", ""))
    return source == link or wording.contains_link(text_format.decode(str(post.get("commentary", ""))), link)


def _moment(post: dict[str, Any]) -> float:
    return int(post["createdAt"]) / 1000


def _hides_its_link(post: dict[str, Any], key: str) -> bool:
    """May be ours: it is no older than our first try, where that is known, and its links cannot be read."""
    since = recent_posts.first_attempt_at(key)
    late_enough = since is None or _moment(post) > since - CLOCKS_APART
    return late_enough and SHORTENED in str(post.get("commentary", ""))


def _urn(given: str) -> str:
    if not given.startswith("urn:li:"):
        raise http.UnexpectedResponse("an answer without an id")
    return given


def _receipt(urn: str) -> contract.Receipt:
    return contract.Receipt(remote_id=urn, url=f"https://www.linkedin.com/feed/update/{urn}/")


def _explained(response: requests.Response) -> str:
    return str(response.json().get("message", ""))
