from __future__ import annotations

import json
import re

import pytest
from django.test import Client

from tests import factories
from tests.site.conftest import Outline, Publish

HOSTILE = """<script>alert(1)</script>

[click](javascript:alert(1)) ![x](x" onerror="alert(1)) [data](data:text/html,<script>alert(1)</script>)

<img src=x onerror=alert(1)> <iframe src="https://evil.example"></iframe>
"""
BREAKING = 'A title </script><script>alert(1)</script> <!-- & "quoted"'


@pytest.mark.parametrize("kind", ["blog", "vacancies", "events"])
def test_hostile_text_is_shown_and_never_run(client: Client, publish: Publish, kind: str) -> None:
    make = {
        "blog": factories.approved_blog_entry,
        "vacancies": factories.approved_vacancy,
        "events": factories.approved_event,
    }[kind]
    item = publish(make(title=BREAKING, summary=HOSTILE, body=HOSTILE, tags=["<script>alert(2)</script>"]))

    for path in (f"/{kind}/{item.slug}", f"/{kind}", "/"):
        outline = Outline(client.get(path).content.decode())
        assert all(tag == {"type": "application/ld+json"} for tag in outline.all("script"))
        assert not outline.all("iframe")
        for _, attributes in outline.tags:
            assert not any(name.startswith("on") or name == "style" for name in attributes)
            for name in ("href", "src", "action"):
                value = attributes.get(name) or ""
                assert value.startswith(("/", "?", "#", "http:", "https:")) or not value, value


def test_structured_data_cannot_be_broken_out_of(client: Client, publish: Publish) -> None:
    item = publish(factories.approved_vacancy(title=BREAKING, location="</script><b>"))

    page = client.get(f"/vacancies/{item.slug}").content.decode()

    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert "<" not in data
    assert ">" not in data
    assert json.loads(data)["title"] == BREAKING
    assert json.loads(data)["jobLocation"]["address"]["addressLocality"] == "</script><b>"


def test_words_of_a_search_are_shown_as_text(client: Client, db: None) -> None:
    page = client.get("/vacancies", {"words": '"><script>alert(1)</script>'}).content.decode()

    assert "<script" not in page


def test_hostile_text_is_harmless_in_the_feed(client: Client, publish: Publish) -> None:
    publish(factories.approved_blog_entry(title="]]> <script>", body=HOSTILE))

    body = client.get("/feeds/blog.rss").content.decode()

    assert "<script" not in body
    assert "javascript:" not in body.replace("(javascript:", "")
