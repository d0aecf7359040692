"""Carries tweepy's requests, which all go to https://api.twitter.com, to the address that the settings name."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import requests
from requests.utils import get_environ_proxies

from scheduler.net import network


def for_session(session: requests.Session, api_base: str, sign: Any) -> Transport:
    """The transport of this session, sent elsewhere."""
    adapter = session.get_adapter("https://")
    assert isinstance(adapter, network.GuardedAdapter)  # noqa: S101 - for the type checker
    return Transport(adapter.call, api_base, sign)


class Transport(network.GuardedAdapter):
    """What is signed: the address of X that serves the request. When we call api.x.com itself, that address, so
    the request is signed again here. Any other `api_base` is a relay or a stand-in in front of X and sees what
    tweepy signed, https://api.twitter.com with the same path and query: a relay passes it on untouched.
    """

    def __init__(self, call: network.Call, api_base: str, sign: Any) -> None:
        super().__init__(call)
        self._api_base, self._sign = api_base, sign

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.url = self._api_base + request.path_url
        if urlsplit(self._api_base).hostname == "api.x.com":
            del request.headers["Authorization"]
            request.prepare_auth(self._sign)
        kwargs["proxies"] = get_environ_proxies(request.url)  # those chosen so far were for tweepy's address
        return super().send(request, *args, **kwargs)
