"""LinkedIn: posts as an organisation's page through the versioned Posts API, reads back, takes down, keeps its
sign-in alive.

Leaves to others what is said, when it goes out, and what is done after a named failure. Sources: learn.microsoft.com,
“Posts API”, “MultiImage API”.
"""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar, Literal

from pydantic import BaseModel

from scheduler.channels import contract
from scheduler.channels.lib import http, recent_posts, wording
from scheduler.channels.lib.sign_in import SignIn
from scheduler.channels.linkedin import client as linkedin
from scheduler.channels.linkedin import sign_in as linkedin_sign_in
from scheduler.channels.linkedin import text_format
from scheduler.channels.linkedin.client import LinkedInClient, Page
from scheduler.channels.linkedin.settings import LinkedInSecrets, LinkedInSettings
from scheduler.channels.linkedin.sign_in import READS, SIGN_IN, WRITES

LIMIT = 3_000
"""UTF-16 units of the text as people read it: the strictest way of counting the documented 3,000 characters."""
# LinkedIn takes 20 pictures of up to 36,152,320 pixels; four of this size get through within one send.
PICTURES = contract.PictureLimits(maximum=4, bytes=5_000_000, side=6_000, alt_text=4_086)
TITLE_LIMIT = 400
SHORTENED = "lnkd.in/"
CLOCK_SKEW = 600.0
"""Seconds by which LinkedIn's clock and ours may differ."""
CANNOT_SEE = (
    f"We cannot read the page's posts: the permission {READS} is missing. Without it, you need to check the "
    "page yourself when LinkedIn does not reply."
)


class LinkedIn:
    kind: ClassVar[str] = "linkedin"
    label: ClassVar[str] = "LinkedIn"
    reaches: ClassVar[Literal["public", "staff", "either"]] = "public"
    abilities: ClassVar[contract.Abilities] = contract.Abilities(
        reads_back=True,
        deletes=True,
        settling=30.0,
        text=contract.TextLimit(LIMIT, "characters"),
        pictures=PICTURES,
        refreshes=True,
    )
    Settings: ClassVar[type[BaseModel]] = LinkedInSettings
    Secrets: ClassVar[type[BaseModel]] = LinkedInSecrets
    sign_in: ClassVar[SignIn] = SIGN_IN

    def __init__(self, settings: LinkedInSettings, secrets: LinkedInSecrets, context: contract.AdapterContext) -> None:
        self._settings, self._secrets = settings, secrets
        self._client = LinkedInClient(context.network, settings, secrets)
        self._oauth = http.SessionClient(self.label, context.network)

    def compose(self, draft: contract.Draft) -> contract.Payload:
        wording.check_pictures(draft, self.label, PICTURES)
        text = wording.build_text(draft, self.label)
        length = wording.utf16_units(text)
        wording.check_length(self.label, length, LIMIT, "an emoji counts as 2 or more")
        body: dict[str, Any] = {
            "author": linkedin.author(self._settings),
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
        return wording.build_payload(draft, text, length=length, limit=LIMIT, body=body)

    def send(self, payload: contract.Payload, *, key: str, timeout: float) -> contract.Receipt:
        deadline = http.Deadline(timeout)
        uploads, body = deadline.for_preparation(), dict(payload.body)
        images = [
            {
                "id": self._client.prepare(partial(Page.upload, picture=picture), uploads.left()),
                "altText": picture.alt_text,
            }
            for picture in payload.pictures
        ]
        if images:
            body["content"] = {"media": images[0]} if len(images) == 1 else {"multiImage": {"images": images}}
        return _receipt(self._client.send(lambda page: page.post(body), deadline.left()))

    def find(self, *, key: str, link: str, timeout: float) -> contract.Receipt | None:
        self._client.require_link(link)

        def look(page: Page) -> tuple[str | None, bool]:
            """Which it is, or whether it may be one whose links cannot be read."""
            unreadable = False
            for post in recent_posts.since_first_attempt(page.pages(), linkedin.created_at, key):
                if linkedin.has_link(post, link):
                    return linkedin.check_urn(post["id"]), False
                unreadable = unreadable or _may_be_ours(post, key)
            return None, unreadable

        try:
            urn, unreadable = self._client.call(look, timeout)
        except http.CallFailed as error:
            if error.status == 403:
                raise contract.CannotRead(CANNOT_SEE, code="missing_permission") from error
            raise self._client.cannot_read(error) from error
        if unreadable:
            raise contract.CannotRead(
                "LinkedIn has shortened the links in recent posts, so we cannot recognise ours. Check the page."
            )
        return _receipt(urn) if urn else None

    def delete(self, receipt: contract.Receipt, *, timeout: float) -> None:
        self._client.delete(lambda page: page.delete(receipt.remote_id), timeout)

    def check(self, *, timeout: float) -> contract.Health:
        deadline = http.Deadline(timeout)
        try:
            token = self._introspect(deadline)
            if token is not None and not token.active:
                return contract.Health(ok=False, account="", message=self._client.sign_in_again())
            account = self._client.call(Page.name, deadline.left())
            may_read = self._may_read(deadline.left())
        except http.CallFailed as error:
            return self._client.signed_out(error)
        ends = token.ends if token else None
        if token is not None and WRITES not in token.permissions:
            missing = f"We cannot post to LinkedIn: the permission {WRITES} is missing. Connect the account again."
            return contract.Health(ok=False, account=account, message=missing, expires_at=ends)
        message = f"Connected to LinkedIn as {account}." + ("" if may_read else f" {CANNOT_SEE}")
        return contract.Health(ok=True, account=account, message=message, expires_at=ends)

    def refresh(self, *, timeout: float) -> dict[str, Any]:
        """The present access token stays good until its own end, so repeating this is harmless."""
        secrets = {name: getattr(self._secrets, name).get_secret_value() for name in LinkedInSecrets.model_fields}
        if not all(secrets.values()):
            raise contract.NotSent(
                "LinkedIn gave no refresh token, so someone needs to connect the account again before access expires.",
                code="cannot_refresh",
                permanent=True,
            )
        form = {name: secrets[name] for name in ("refresh_token", "client_id", "client_secret")}
        try:
            tokens = self._oauth.call(
                lambda session: linkedin_sign_in.refresh(session, self._settings.oauth_base, form), timeout
            )
        except http.CallFailed as error:
            if error.status == 400:  # OAuth's own answer to a refresh token that has ended
                raise contract.NotSent(self._client.sign_in_again(), code="needs_sign_in", permanent=True) from error
            raise self._oauth.not_sent(error, "refreshed") from error
        return secrets | tokens

    def _may_read(self, timeout: float) -> bool:
        try:
            self._client.call(lambda page: page.latest(1), timeout)
        except http.CallFailed as error:
            if error.status == 403:
                return False
            raise
        return True

    def _introspect(self, deadline: http.Deadline) -> linkedin_sign_in.Token | None:
        """None without the app's client id and secret: LinkedIn does not say then when the sign-in ends."""
        form = {name: getattr(self._secrets, name).get_secret_value() for name in ("client_id", "client_secret")}
        if not all(form.values()):
            return None
        form["token"] = self._secrets.access_token.get_secret_value()
        return self._oauth.call(
            lambda session: linkedin_sign_in.introspect(session, self._settings.oauth_base, form), deadline.left()
        )


def _may_be_ours(post: dict[str, Any], key: str) -> bool:
    """It is no older than our first attempt, where that is known, and its links cannot be read."""
    since = recent_posts.first_attempt_at(key)
    late_enough = since is None or linkedin.created_at(post) > since - CLOCK_SKEW
    return late_enough and SHORTENED in str(post.get("commentary", ""))


def _receipt(urn: str) -> contract.Receipt:
    return contract.Receipt(remote_id=urn, url=f"https://www.linkedin.com/feed/update/{urn}/")
