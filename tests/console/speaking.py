"""A page of the console as somebody sees it, and a form as somebody sends it."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import Any
from urllib.parse import urljoin

from django.contrib.messages import get_messages
from django.test import Client

from backend.accounts.models import User


class Console:
    """Speaks to the console as one person. Paths are written as under /console."""

    def __init__(self, who: User) -> None:
        self.client = Client()
        self.client.force_login(who)

    def see(self, path: str, /, status: int = 200) -> str:
        """The page's text, each run of space one space."""
        answer = self.client.get(f"/console{path}")
        assert answer.status_code == status, answer.status_code
        return " ".join(unescape(answer.getvalue().decode()).split())

    def leads(self, path: str, name: str, /) -> str:
        """Where a link of that page leads that has this name, as its text or as it is read aloud; written as under
        /console. What follows in the name may be left out."""
        for attributes, text in re.findall(r"<a ([^>]*)>(.*?)</a>", self.see(path)):
            aloud = re.search(r'aria-label="([^"]*)"', attributes)
            called = aloud[1] if aloud else re.sub(r"<[^>]+>", " ", text)
            if " ".join(called.split()).startswith(name):
                address = re.search(r'href="([^"]*)"', attributes)
                assert address, attributes
                return urljoin(f"/console{path}", address[1]).removeprefix("/console")
        raise AssertionError(f"No link of {path} is called {name}.")

    def download(self, path: str, /) -> str:
        """A file of a page, without the mark by which spreadsheets know its encoding."""
        answer = self.client.get(f"/console{path}")
        assert answer.status_code == 200, answer.status_code
        return b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]

    def cells(self, path: str, /) -> list[list[str]]:
        """The lines of such a file, each as its cells, all of which stand in quotes."""
        text = self.download(path)
        found = list(csv.reader(io.StringIO(text)))
        assert text.count('"') >= 2 * sum(map(len, found))
        return found

    def send(self, path: str, /, **form: Any) -> tuple[int, str]:
        """Status and, on the page itself or on the one that it leads to, what is said."""
        answer = self.client.post(f"/console{path}", form)
        if answer.status_code == 302:
            return 302, " ".join(str(message) for message in get_messages(answer.wsgi_request))
        return answer.status_code, " ".join(unescape(answer.content.decode()).split())
