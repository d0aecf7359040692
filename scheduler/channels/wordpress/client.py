"""The REST API of one WordPress blog, as far as publishing there needs it (developer.wordpress.org/rest-api)."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

import requests
from requests.auth import HTTPBasicAuth

from scheduler.channels.contract import Picture
from scheduler.channels.lib import http
from scheduler.channels.wordpress.settings import WordPressSecrets, WordPressSettings
from scheduler.net import answer
from scheduler.net.network import Network

UNPUBLISHED = frozenset({"draft", "pending", "future"})
ENDINGS = 30
"""How many slugs of one key are looked for: the plain one, then -2, -3 and so on, as WordPress gives them."""
SUFFIXES = {"image/jpeg": "jpg", "image/png": "png"}


@dataclass(frozen=True)
class Post:
    id: int
    status: str
    link: str

    @property
    def is_published(self) -> bool:
        """Seen by somebody: to everyone, to those who sign in there, or by a plug-in's own rules."""
        return self.status not in UNPUBLISHED


class WordPressClient(http.ChannelClient["Site"]):
    label = "WordPress"

    def __init__(self, via: Network, settings: WordPressSettings, secrets: WordPressSecrets) -> None:
        super().__init__(via)
        self._settings, self._secrets = settings, secrets

    def connect(self, session: requests.Session) -> Site:
        """Names in any script are sent in UTF-8."""
        password = self._secrets.application_password.get_secret_value()
        session.auth = HTTPBasicAuth(self._settings.username.encode(), password.encode())
        return Site(session, self._settings.address)

    def explain(self, response: requests.Response) -> str:
        if response.is_redirect:
            return moved(response)
        return html.unescape(re.sub(r"<[^>]*>", "", answer.text_of(response.json()["message"])))


def moved(response: requests.Response) -> str:
    """Says of a redirect where the blog answers."""
    parts = answer.split_address(response.headers["Location"])
    if parts is None or not parts.netloc:
        return "The blog uses another address. Enter the one that visitors see."
    return f"The blog uses {parts.scheme}://{parts.netloc}. Enter that address."


class Site:
    """Asks by the address that every WordPress has, whatever its permalinks look like."""

    def __init__(self, session: requests.Session, address: str) -> None:
        self._session, self._address = session, address

    def posts(self, key: str) -> list[Post]:
        """Those of this key that are not in the trash, the oldest first."""
        slugs = [key, *(f"{key}-{number}" for number in range(2, ENDINGS + 1))]
        query = {"slug": ",".join(slugs), "status": "any", "per_page": 100, "_fields": "id,status,link"}
        response = self._call("GET", "posts", query, 400)
        if response.status_code == 400:
            # So it answers whom it does not know. To this question it says why: 401, or 403 for lack of a role.
            self._get("posts", context="edit", per_page=1, _fields="id")
            raise answer.UnexpectedResponse("a list refused for another reason")
        return sorted((_post(each) for each in answer.objects_of(response.json())), key=lambda post: post.id)

    def make_draft(self, key: str, fields: dict[str, Any]) -> int:
        """Returns its number."""
        content = {**fields, "slug": key, "status": "draft"}
        return answer.number_of(self._call("POST", "posts", {"_fields": "id"}, json=content).json()["id"])

    def show(self, number: int) -> Post | None:
        """None where there is no such post, or it is in the trash."""
        response = self._call("GET", f"posts/{number}", {"context": "edit", "_fields": "id,status,link"}, 404)
        post = _post(response.json()) if response.status_code != 404 else None
        return None if post is None or post.status == "trash" else post

    def publish(self, post: Post, fields: dict[str, Any]) -> Post:
        query = {"_fields": "id,status,link"}
        published = _post(self._call("POST", f"posts/{post.id}", query, json={**fields, "status": "publish"}).json())
        if published.id != post.id:
            raise answer.UnexpectedResponse("an answer about another post")
        return published

    def names_of(self, number: int) -> tuple[str, str] | None:
        """Slug and address of a post, which may be in the trash; None where there is none."""
        response = self._call("GET", f"posts/{number}", {"context": "edit", "_fields": "slug,link"}, 404)
        if response.status_code == 404:
            return None
        said = response.json()
        return answer.text_of(said["slug"]).removesuffix("__trashed"), answer.text_of(said["link"])

    def delete_surplus(self, post: Post) -> None:
        """Another send may do the same: then it is gone (404), or WordPress finds nothing left to delete (500). What
        became of it, the next list shows."""
        self._delete("posts", post.id, 404, 500)

    def delete(self, number: int) -> None:
        """For good, with its pictures, which would stay on the web without it. The post goes last, so that a post that
        is gone says that all is gone."""
        for picture in self.pictures(number):
            self.delete_picture(picture)
        self._delete("posts", number, 404)

    def delete_picture(self, number: int) -> None:
        self._delete("media", number, 404)

    def pictures(self, post: int) -> list[int]:
        """Numbers of what was uploaded for this post, the oldest first."""
        return sorted(answer.number_of(each["id"]) for each in self._get("media", parent=post, _fields="id"))

    def upload(self, picture: Picture, post: int, title: str) -> int:
        """Returns its number. WordPress takes what looks like a tag out of alternative text, so `<` is written out."""
        name = f"picture-{post}.{SUFFIXES[picture.media_type]}"
        form = {"post": str(post), "title": title, "alt_text": picture.alt_text.replace("<", "&lt;")}
        files = {"file": (name, picture.data, picture.media_type)}
        said = self._call("POST", "media", {"_fields": "id"}, data=form, files=files).json()
        return answer.number_of(said["id"])

    def terms(self, taxonomy: str, slugs: list[str]) -> dict[str, int]:
        """Numbers by slug of those that there are; `taxonomy` is categories or tags."""
        found = self._get(taxonomy, slug=",".join(slugs), per_page=100, _fields="id,slug")
        return {answer.text_of(term["slug"]).lower(): answer.number_of(term["id"]) for term in found}

    def me(self) -> tuple[str, dict[str, bool]]:
        """Our name, and what we may do."""
        found = self._get("users/me", context="edit", _fields="name,capabilities")
        return answer.text_of(found["name"]), answer.object_of(found["capabilities"])

    def _get(self, route: str, **query: Any) -> Any:
        return self._call("GET", route, query).json()

    def _delete(self, route: str, number: int, *fine: int) -> None:
        self._call("DELETE", f"{route}/{number}", {"force": "true", "_fields": "deleted"}, *fine)

    def _call(self, method: str, route: str, query: dict[str, Any], *fine: int, **content: Any) -> requests.Response:
        query = {"rest_route": f"/wp/v2/{route}", **query}
        response = self._session.request(method, f"{self._address}/", params=query, allow_redirects=False, **content)
        return http.expect_status(response, 200, 201, *fine)


def _post(said: dict[str, Any]) -> Post:
    number, status = answer.number_of(said["id"]), answer.text_of(said["status"])
    return Post(id=number, status=status, link=str(said.get("link", "")))
