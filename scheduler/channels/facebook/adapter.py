"""Facebook: posts as a Page through the Graph API, reads back and takes down.

Leaves to others what is said, when it goes out, and what is done after a named failure.
"""

from __future__ import annotations

from functools import partial
from typing import ClassVar, Literal

from pydantic import BaseModel

from scheduler.channels import contract
from scheduler.channels.facebook import client as facebook
from scheduler.channels.facebook.client import FacebookClient, Page, Token
from scheduler.channels.facebook.settings import FacebookSecrets, FacebookSettings
from scheduler.channels.facebook.sign_in import PERMISSIONS, SIGN_IN
from scheduler.channels.lib import http, recent_posts, wording
from scheduler.channels.lib.sign_in import SignIn
from scheduler.net import answer

LIMIT = 63_206
"""UTF-16 units: what Facebook's own form takes; the Graph API's reference names no number."""
# Pictures of up to 4 MB (“Page Photos”), which Facebook shows 2,048 pixels wide; four get through within one send.
PICTURES = contract.PictureLimits(maximum=4, bytes=4_000_000, side=2_048, alt_text=1_000)
WRITES, READS, _ = PERMISSIONS
CANNOT_SEE = (
    f"We cannot read the Page's posts: the permission {READS} is missing. Without it, you need to check the "
    "Page yourself when Facebook does not reply."
)
NEARLY_USED_UP = 75
"""Per cent of the calls of an hour."""


class Facebook:
    kind: ClassVar[str] = "facebook"
    label: ClassVar[str] = "Facebook"
    reaches: ClassVar[Literal["public", "staff", "either"]] = "public"
    abilities: ClassVar[contract.Abilities] = contract.Abilities(
        reads_back=True,
        deletes=True,
        settling=30.0,
        text=contract.TextLimit(LIMIT, "characters"),
        pictures=PICTURES,
    )
    Settings: ClassVar[type[BaseModel]] = FacebookSettings
    Secrets: ClassVar[type[BaseModel]] = FacebookSecrets
    sign_in: ClassVar[SignIn] = SIGN_IN

    def __init__(self, settings: FacebookSettings, secrets: FacebookSecrets, context: contract.AdapterContext) -> None:
        self._page_id = settings.page_id
        self._client = FacebookClient(context.network, settings, secrets)

    def compose(self, draft: contract.Draft) -> contract.Payload:
        """The link stands in the words too, which Facebook gives back as they were: its preview shows where the link
        leads in the end, and not our tracked one."""
        wording.check_pictures(draft, self.label, PICTURES)
        text = wording.build_text(draft, self.label)
        length = wording.utf16_units(text)
        wording.check_length(self.label, length, LIMIT, "an emoji counts as 2 or more")
        body = {"message": text}
        if draft.link and not draft.pictures:
            body["link"] = draft.link
        return wording.build_payload(draft, text, length=length, limit=LIMIT, body=body)

    def send(self, payload: contract.Payload, *, key: str, timeout: float) -> contract.Receipt:
        deadline = http.Deadline(timeout)
        uploads, body = deadline.for_preparation(), dict(payload.body)
        if payload.pictures:
            body["attached_media"] = [
                {"media_fbid": self._client.prepare(partial(Page.upload, picture=picture), uploads.left())}
                for picture in payload.pictures
            ]
        return _receipt(self._client.send(lambda page: page.post(body), deadline.left()))

    def find(self, *, key: str, link: str, timeout: float) -> contract.Receipt | None:
        self._client.require_link(link)

        def look(page: Page) -> contract.Receipt | None:
            post = recent_posts.find(
                page.pages(), key=key, link=link, created_at=facebook.created_at, has_link=facebook.has_link
            )
            return _receipt(answer.identity_of(post["id"])) if post else None

        try:
            return self._client.call(look, timeout)
        except http.CallFailed as error:
            if facebook.may_not_read(error):
                raise contract.CannotRead(CANNOT_SEE, code="missing_permission") from error
            raise self._client.cannot_read(error) from error

    def delete(self, receipt: contract.Receipt, *, timeout: float) -> None:
        deadline = http.Deadline(timeout)
        try:
            self._client.call(lambda page: page.delete(receipt.remote_id), deadline.left())
        except http.CallFailed as error:
            if not facebook.is_absent(error) or self._shows(receipt, deadline.left()):
                raise self._client.failure(error, http.TAKEN_DOWN) from error

    def _shows(self, receipt: contract.Receipt, timeout: float) -> bool:
        """Also where Facebook does not let us look."""
        try:
            self._client.call(lambda page: page.show(receipt.remote_id), timeout)
        except http.CallFailed as error:
            return not facebook.is_absent(error)
        return True

    def check(self, *, timeout: float) -> contract.Health:
        """Without the app's id and secret Facebook does not say what we may do, nor when the sign-in ends."""
        deadline = http.Deadline(timeout)
        try:
            token = self._client.call(Page.debug_token, deadline.left())
            if token is not None and not token.is_valid:
                return contract.Health(ok=False, account="", message=self._client.sign_in_again())
            page_id, account, used = self._client.call(Page.me, deadline.left())
            may_read = self._may_read(deadline.left())
        except http.CallFailed as error:
            return self._client.signed_out(error)
        ends = token.ends if token else None
        problem = self._problem(page_id, account, token)
        if problem:
            return contract.Health(ok=False, account=account, message=problem, expires_at=ends)
        message = f"Connected to Facebook as {account}." + ("" if may_read else f" {CANNOT_SEE}")
        if used >= NEARLY_USED_UP:
            message += f" {used} % of the calls that Facebook allows in an hour have been used."
        return contract.Health(ok=True, account=account, message=message, expires_at=ends)

    def _problem(self, page_id: str, account: str, token: Token | None) -> str:
        if page_id != self._page_id:
            return f"This token is for “{account}”, not for the Page in the settings. Enter that Page's own token."
        if token is not None and WRITES not in token.permissions:
            return f"We cannot post to Facebook: the permission {WRITES} is missing. Connect the account again."
        return ""

    def _may_read(self, timeout: float) -> bool:
        try:
            self._client.call(lambda page: page.latest(1), timeout)
        except http.CallFailed as error:
            if facebook.may_not_read(error):
                return False
            raise
        return True


def _receipt(remote_id: str) -> contract.Receipt:
    return contract.Receipt(remote_id=remote_id, url=f"https://www.facebook.com/{remote_id}")
