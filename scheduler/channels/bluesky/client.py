"""What we ask of a personal data server (PDS), by the atproto SDK, which is made to speak through a guarded session.

Import it where it is first needed: the SDK takes half a second to load, which nobody without Bluesky should wait for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import atproto_client
import requests
from atproto_client.models.utils import get_model_as_dict
from atproto_client.request import Request, RequestBase, Response
from atproto_client.utils import facet_detection

from scheduler.channels import contract
from scheduler.channels.lib import http

POSTS = "app.bsky.feed.post"


@dataclass(frozen=True)
class Session:
    """A session of an account on its server."""

    did: str
    handle: str
    access: str = field(repr=False)
    refresh: str = field(repr=False)


class Client:
    """For one question, or a few in a row."""

    def __init__(self, session: requests.Session, pds: str) -> None:
        self._sdk = atproto_client.Client(pds, request=SessionRequest(session))

    def sign_in(self, handle: str, password: str) -> Session:
        server = self._sdk.com.atproto.server
        return _session(server.create_session({"identifier": handle, "password": password}))

    def refresh(self, ended: Session) -> Session:
        return _session(self._sdk.com.atproto.server.refresh_session(headers=_bearer(ended.refresh)))

    def handle(self, by: Session) -> str:
        return str(self._sdk.com.atproto.server.get_session(headers=_bearer(by.access)).handle)

    def upload(self, picture: contract.Picture, by: Session) -> dict[str, Any]:
        """The reference by which a record holds the picture."""
        headers = {**_bearer(by.access), "Content-Type": picture.media_type}
        reference: dict[str, Any] = get_model_as_dict(
            self._sdk.com.atproto.repo.upload_blob(picture.data, headers=headers).blob
        )
        return reference

    def put(self, record_key: str, record: dict[str, Any], by: Session) -> str:
        """The record's address. The same record on the same key again changes nothing."""
        wanted: Any = {"repo": by.did, "collection": POSTS, "rkey": record_key, "record": record}
        return str(self._sdk.com.atproto.repo.put_record(wanted, headers=_bearer(by.access)).uri)

    def get(self, record_key: str, by: Session) -> str:
        """The record's address."""
        wanted: Any = {"repo": by.did, "collection": POSTS, "rkey": record_key}
        return str(self._sdk.com.atproto.repo.get_record(wanted, headers=_bearer(by.access)).uri)

    def delete(self, record_key: str, by: Session) -> None:
        """A record that is gone already is a success on the server, too."""
        wanted: Any = {"repo": by.did, "collection": POSTS, "rkey": record_key}
        self._sdk.com.atproto.repo.delete_record(wanted, headers=_bearer(by.access))


class SessionRequest(Request):
    """The SDK's way out, which is httpx by itself."""

    def __init__(self, session: requests.Session) -> None:
        RequestBase.__init__(self)  # not Request's own: that one opens httpx
        self._session = session

    def get(self, *args: Any, **kwargs: Any) -> Response:
        return self._request("GET", *args, **kwargs)

    def post(self, *args: Any, **kwargs: Any) -> Response:
        return self._request("POST", *args, **kwargs)

    def _request(
        self, method: str, url: str, *, headers: Any = None, params: Any = None, data: Any = None, content: Any = None
    ) -> Response:
        body = content.encode() if isinstance(content, str) else content or data
        headers = self.get_headers(headers)
        # The function keeps requests from setting what a .netrc of the machine says about this host.
        answer = self._session.request(method, url, headers=headers, params=params, data=body, auth=lambda it: it)
        http.expect_status(answer)
        is_json = "json" in answer.headers.get("Content-Type", "")
        content = answer.json() if is_json else answer.content
        return Response(success=True, status_code=answer.status_code, content=content, headers=dict(answer.headers))


def facets(text: str) -> list[dict[str, Any]]:
    """Links and hashtags of a text, by the rules of the official app; places in bytes of UTF-8."""
    return [
        {
            "index": {"byteStart": facet.index.byte_start, "byteEnd": facet.index.byte_end},
            "features": [get_model_as_dict(feature) for feature in facet.features],
        }
        for facet in facet_detection.detect_facets(text)
    ]


def mentions(text: str) -> list[str]:
    """Handles of accounts that the text names."""
    return [mention.handle for mention in facet_detection.detect_mentions(text)]


def _session(answer: Any) -> Session:
    return Session(did=answer.did, handle=answer.handle, access=answer.access_jwt, refresh=answer.refresh_jwt)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
