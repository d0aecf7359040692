"""Channels to compose for, and what a browser sends from the page Compose."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from backend.accounts.models import User
from campaigns.planning.models import Channel, Content
from scheduler.connections import services as connections
from tests import factories

SECRETS = dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_token_secret"), "x")


def x(**limits: Any) -> Channel:
    row = factories.channel(name="X", category="social")
    connections.connect_channel(channel=row, kind="x", settings={}, secrets=SECRETS, **limits)
    return row


def website() -> Channel:
    row = factories.channel(name="Website", category="blog")
    connections.connect_channel(channel=row, kind="blog", settings={}, secrets={})
    return row


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


class Composer:
    """Somebody at the page of one content."""

    def __init__(self, client: Client, who: User, content: Content) -> None:
        self.client, self.address = client, f"/console/compose/{content.pk}"
        client.force_login(who)

    def open(self, query: str = "") -> str:
        answer = self.client.get(self.address + query)
        assert answer.status_code == 200
        return words(answer)

    def form(self, **typed: Any) -> dict[str, Any]:
        """The form as it was opened, with this typed into it."""
        page = self.client.get(self.address).content.decode()
        hidden = dict(re.findall(r'<input type="hidden" name="(version|seen|zone)" value="([^"]*)"', page))
        title = re.search(r'name="title" value="([^"]*)"', page)
        summary = re.search(r'<textarea id="summary"[^>]*>([^<]*)', page)
        assert title
        assert summary
        texts = {"title": title[1], "summary": summary[1].lstrip("\n"), "when": "times"}
        return {**hidden, **texts, "late_rule": "publish", "late_after": "60", **typed}

    def save(self, form: dict[str, Any]) -> Any:
        return self.client.post(f"{self.address}/save", form, headers={"HX-Request": "true"})

    def send(self, form: dict[str, Any], do: str) -> Any:
        return self.client.post(self.address, form | {"do": do}, follow=True)
