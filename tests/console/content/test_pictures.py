"""Pictures in the console: adding, finding, looking at one, and choosing one for what is being written."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from backend.accounts.models import User
from campaigns.planning.services import compositions
from media.models import Picture
from tests import factories
from tests.console.compose.composing import Composer, website
from tests.console.speaking import Console

pytestmark = pytest.mark.django_db
WORDS = {"alt_text": "The pier at dusk", "credit": "Ola Berg", "shows_people": "no"}


@pytest.fixture(autouse=True)
def _files(tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def png(colour: str = "teal") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "PNG")
    return SimpleUploadedFile("pier.png", out.getvalue(), "image/png")


def test_picture_is_added_and_shown_with_its_words(comms: User) -> None:
    speaks = Console(comms)

    status, said = speaks.send("/pictures/new", file=png(), **WORDS)

    row = Picture.objects.get()
    assert (status, said) == (302, "The picture has been added to the library.")
    assert (row.alt_text, row.credit, row.uploaded_by) == ("The pier at dusk", "Ola Berg", comms)
    page = speaks.see(f"/pictures/{row.pk}")
    assert f'<img src="{row.path}" alt="The pier at dusk" width="60" height="40">' in page
    assert f"![The pier at dusk]({row.path})" in page


def test_the_same_picture_again_keeps_the_words_that_it_had(comms: User) -> None:
    speaks = Console(comms)
    speaks.send("/pictures/new", file=png(), **WORDS)

    _, said = speaks.send("/pictures/new", file=png(), **WORDS | {"alt_text": "Something else"})

    assert said.endswith("This picture is already in the library, so it keeps its current alt text.")
    assert Picture.objects.get().alt_text == "The pier at dusk"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"shows_people": "yes"}, "need everyone’s consent, which Promenade cannot record yet"),
        ({"shows_people": ""}, "Select yes if it shows people."),
        ({"alt_text": ""}, "Enter alt text: describe the picture in a sentence"),
        ({"alt_text": " "}, "Enter alt text: describe the picture"),
        ({"file": ""}, "Choose a picture file."),
        ({"file": SimpleUploadedFile("pier.png", b"no picture", "image/png")}, "File: "),
    ],
)
def test_what_is_refused_is_said_and_the_words_are_kept(comms: User, wrong: dict[str, Any], said: str) -> None:
    status, page = Console(comms).send("/pictures/new", **{"file": png()} | WORDS | wrong)

    assert (status, "There is a problem" in page) == (200, True)
    assert said in page
    assert "Choose the file again" in page
    assert 'value="Ola Berg"' in page
    assert not Picture.objects.exists()


def test_words_of_a_picture_are_safe_in_markdown(comms: User) -> None:
    row = factories.picture(alt_text="A [sign](https://bad.example)\nby the sea")

    assert rf"![A \[sign\](https://bad.example) by the sea]({row.path})" in Console(comms).see(f"/pictures/{row.pk}")


def test_library_is_searched_and_says_where_a_picture_is_chosen() -> None:
    pier, ward = factories.picture(alt_text="The pier"), factories.picture(alt_text="A ward")
    factories.blog_entry(title="By the sea", picture=pier)
    speaks = Console(factories.person("reader"))

    page = speaks.see("/pictures?q=PIER")
    assert f'href="/console/pictures/{pier.pk}"' in page
    assert "A ward" not in page
    assert "Add a picture" not in page
    assert "By the sea" in speaks.see(f"/pictures/{pier.pk}")
    assert "Not used yet" in speaks.see(f"/pictures/{ward.pk}")
    assert "No pictures match" in speaks.see("/pictures?q=snow")


def test_picture_is_chosen_for_the_page_that_asked_and_for_no_other_house(comms: User) -> None:
    row = factories.picture()
    speaks = Console(comms)

    page = speaks.see("/pictures?next=/console/compose/7?pictures=3%26picture=1%23pictures-3")
    assert f'href="/console/compose/7?pictures=3&picture={row.pk}#pictures-3"' in page
    for elsewhere in ("https://bad.example/", "//bad.example/", "javascript:alert(1)"):
        assert "bad.example" not in speaks.see(f"/pictures?next={elsewhere}")
        answer = speaks.client.post("/console/pictures/new", {"file": png(), **WORDS, "next": elsewhere})
        assert answer.headers["Location"].startswith("/console/pictures/")


def test_compose_saves_before_a_picture_is_added_and_offers_it_first(client: Client, comms: User) -> None:
    row, site = factories.blog_entry(), website()
    older = factories.picture()
    composer = Composer(client, comms, row)

    answer = client.post(
        composer.address,
        composer.form(channels=[site.pk], do=f"picture-{site.pk}") | {f"wording-{site.pk}": "Typed just now."},
    )

    assert compositions.channel_texts(compositions.composition_of(row))[0].wording == "Typed just now."
    page = client.get(answer.headers["Location"]).content.decode()
    assert "Your text has been saved." in page
    wanted = f"{composer.address}?pictures={site.pk}#pictures-{site.pk}"
    answer = client.post("/console/pictures/new", {"file": png(), **WORDS, "next": wanted})
    added = Picture.objects.latest("pk")
    assert answer.headers["Location"] == f"{composer.address}?pictures={site.pk}&picture={added.pk}#pictures-{site.pk}"
    shown = composer.open(f"?pictures={site.pk}&picture={older.pk}")
    assert shown.index(f'name="pictures-{site.pk}" value="{older.pk}"') < shown.index(f'value="{added.pk}"')


def test_only_planners_add_pictures() -> None:
    speaks = Console(factories.person("hr"))

    assert speaks.send("/pictures/new", file=png(), **WORDS)[0] == 403
    assert "There is none yet." in speaks.see("/pictures")
