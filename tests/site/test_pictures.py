from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import feedparser
import pytest
from django.conf import settings
from django.test import Client
from PIL import Image

from backend.accounts.models import User
from campaigns.planning.models import Content
from campaigns.planning.services import content
from campaigns.website.models import Surface
from media.models import Picture
from media.services import add_picture
from tests import factories
from tests.site.conftest import Publish


@pytest.fixture
def picture(db: None, tmp_path: Path, settings: Any) -> Picture:
    settings.MEDIA_ROOT = tmp_path
    data = BytesIO()
    Image.new("RGB", (64, 48), "teal").save(data, "PNG")
    data.seek(0)
    return add_picture(file=data, alt_text="The sea in the morning", shows_people=False, by=None)


def status(client: Client, path: str) -> int:
    """Reads a picture to its end, which closes its file."""
    answer = client.get(path)
    if answer.streaming:
        answer.getvalue()
    return answer.status_code


def address(client: Client, path: str) -> str:
    found = re.search(r'<img src="(?:http://[^/]+)?(/pictures/[^"]+)" alt="([^"]*)"', client.get(path).content.decode())
    assert found
    assert found[2] == "The sea in the morning"
    return found[1]


def test_picture_of_a_public_item_is_public_and_kept_long(client: Client, publish: Publish, picture: Picture) -> None:
    item = publish(factories.approved_blog_entry(picture=picture))

    answer = client.get(address(client, f"/blog/{item.slug}"))

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] in ("image/png", "image/jpeg", "image/webp")
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert Image.open(BytesIO(answer.getvalue())).size == (64, 48)
    again = client.get(
        f"/pictures/{picture.pk}.{picture.file.name.rpartition('.')[2]}",
        headers={"If-None-Match": answer.headers["ETag"]},
    )
    assert again.status_code == 304


def test_picture_in_the_text_of_a_public_item_is_public(client: Client, publish: Publish, picture: Picture) -> None:
    path = f"/pictures/{picture.pk}.{picture.file.name.rpartition('.')[2]}"
    publish(factories.approved_blog_entry(body=f"![The sea in the morning]({path})"))

    assert status(client, path) == 200


def test_picture_that_nothing_public_shows_is_for_staff(client: Client, picture: Picture, manager: User) -> None:
    factories.approved_blog_entry(picture=picture)
    path = f"/pictures/{picture.pk}.{picture.file.name.rpartition('.')[2]}"
    assert status(client, path) == 404

    client.force_login(manager)

    answer = client.get(path)
    answer.getvalue()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"].startswith("private")


def test_withdrawal_closes_the_picture(client: Client, publish: Publish, picture: Picture) -> None:
    entry = factories.approved_blog_entry(picture=picture)
    path = address(client, f"/blog/{publish(entry).slug}")

    content.withdraw_content(content=Content.objects.get(pk=entry.pk), by=factories.person("comms"))

    assert status(client, path) == 404


def test_private_feed_has_pictures_that_a_reader_loads_without_cookies(
    client: Client, publish: Publish, picture: Picture, private_feed: str
) -> None:
    plain = f"/pictures/{picture.pk}.{picture.file.name.rpartition('.')[2]}"
    bulletin = factories.approved_bulletin(
        picture=picture, sections=[{"heading": "News", "body": f"![Again]({plain})"}]
    )
    publish(bulletin, Surface.BULLETIN)

    (entry,) = feedparser.parse(client.get(private_feed).content).entries

    addresses = {
        found.removeprefix(settings.BASE_URL) for found in re.findall(r'src="([^"]+)"', entry.content[0].value)
    }
    addresses.add(entry.media_content[0]["url"].removeprefix(settings.BASE_URL))
    assert len(addresses) == 1
    (signed,) = addresses
    assert status(client, signed) == 200
    assert status(client, plain) == 404
    other = signed.replace(f"/{picture.pk}-", f"/{picture.pk + 1}-")
    assert status(client, other) == 404
    assert status(client, signed[:-8] + "AAAA" + signed[-4:]) == 404

    content.withdraw_content(content=Content.objects.get(pk=bulletin.pk), by=factories.person("comms"))

    assert status(client, signed) == 404
