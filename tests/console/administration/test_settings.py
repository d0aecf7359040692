from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from backend.accounts.models import User
from campaigns.planning.models import Organisation
from tests import factories

ADDRESS = "/console/settings"


@pytest.fixture
def desk(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


def _form(desk: Client, **changes: object) -> dict[str, object]:
    fields = desk.get(ADDRESS).context["form"].initial
    return {
        "name": fields["name"],
        "accent": fields["accent"],
        "zone": fields["zone"],
        "seen": fields["seen"],
    } | changes


def _picture(name: str = "logo.png") -> SimpleUploadedFile:
    file = BytesIO()
    Image.new("RGB", (64, 32), "teal").save(file, "PNG")
    return SimpleUploadedFile(name, file.getvalue(), "image/png")


def test_name_colour_and_logo_show_on_every_page(desk: Client) -> None:
    answer = desk.post(ADDRESS, _form(desk, name="Langley Green", accent="#FFD800", logo_file=_picture()))

    assert answer.status_code == 302
    organisation = Organisation.current()
    assert (organisation.name, organisation.accent) == ("Langley Green", "#ffd800")
    assert organisation.logo is not None
    assert organisation.logo.alt_text == "Logo of Langley Green"
    for page in ("/console/", "/"):
        text = desk.get(page).content.decode()
        assert "Langley Green" in text
        assert 'href="/colours/ffd800.css"' in text
        assert organisation.logo.path in text
    assert b"".join(Client().get(organisation.logo.path).streaming_content)


def test_colour_is_a_style_sheet_that_browsers_keep(client: Client, db: None) -> None:
    answer = client.get("/colours/ffd800.css")

    assert answer.headers["Content-Type"] == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "--accent: #ffd800" in answer.content.decode()
    assert client.get("/colours/ffd80.css").status_code == 404


def test_logo_can_be_removed(desk: Client) -> None:
    desk.post(ADDRESS, _form(desk, logo_file=_picture()))

    desk.post(ADDRESS, _form(desk, remove_logo="on"))

    assert Organisation.current().logo is None


def test_house_colour_comes_back(desk: Client) -> None:
    assert b"house_colour" not in desk.get(ADDRESS).content
    desk.post(ADDRESS, _form(desk, accent="#ffd800"))

    desk.post(ADDRESS, _form(desk, house_colour="on"))

    assert Organisation.current().accent == ""


def test_bad_input_keeps_what_was_typed(desk: Client) -> None:
    broken = SimpleUploadedFile("logo.png", b"no picture", "image/png")
    answer = desk.post(ADDRESS, _form(desk, name="Kept text", logo_file=broken))

    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'value="Kept text"' in text
    assert "There is a problem" in text
    assert "not a JPEG, PNG, WebP or GIF picture" in text
    answer = desk.post(ADDRESS, _form(desk, accent="blue"))
    assert "Enter a colour as #" in answer.content.decode()
    assert Organisation.current().name == "Our organisation"


def test_change_of_somebody_else_is_told_and_then_replaced_knowingly(desk: Client) -> None:
    mine = _form(desk, name="Mine")
    Organisation.objects.update(name="Theirs")

    answer = desk.post(ADDRESS, mine)

    text = answer.content.decode()
    assert "Someone changed this while you had it open" in text
    assert "Name: Theirs" in text
    assert 'value="Mine"' in text
    assert Organisation.current().name == "Theirs"
    again = mine | {"seen": answer.context["form"]["seen"].value()}
    assert desk.post(ADDRESS, again).status_code == 302
    assert Organisation.current().name == "Mine"


def test_clock_of_the_organisation_is_chosen_here(desk: Client, django_capture_on_commit_callbacks: Any) -> None:
    row = factories.vacancy(closes_at=datetime(2030, 7, 31, 22, 30, tzinfo=UTC))
    page = f"/console/content/{row.pk}"
    assert "Wednesday 31 July 2030, 23:30" in desk.get(page).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        assert desk.post(ADDRESS, _form(desk, zone="Asia/Kolkata")).status_code == 302

    text = desk.get(page).content.decode()

    assert "Thursday 1 August 2030, 04:00" in text
    assert "in Kolkata time" in text, "the reader's own clock is still London's"
    assert 'value="Asia/Kolkata" selected' in desk.get(ADDRESS).content.decode()
    answer = desk.post(ADDRESS, _form(desk, zone="Europe/Brighton"))
    assert "There is a problem" in answer.content.decode()
