from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from media.models import Picture
from tests.api.asserting import ids, ok, refused
from tests.conftest import Api

WORDS = {"alt_text": "The pier at dusk", "shows_people": "false", "credit": "Ola Berg"}


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def png(colour: str = "teal", size: tuple[int, int] = (60, 40)) -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return SimpleUploadedFile("pier.png", out.getvalue(), "image/png")


def test_upload_and_read(api: Api) -> None:
    made = ok(api.as_("comms").upload("/pictures", file=png(), **WORDS), 201)
    assert (made["width"], made["height"], made["alt_text"], made["credit"]) == (60, 40, "The pier at dusk", "Ola Berg")
    assert made["size"] > 0
    assert made["url"].startswith(f"{settings.BASE_URL}/pictures/")
    assert ok(api.as_("reader").get(f"/pictures/{made['id']}")) == made


def test_the_same_picture_again_answers_the_one_that_is_there(api: Api) -> None:
    first, second = (ok(api.as_("comms").upload("/pictures", file=png(), **WORDS), 201) for _ in range(2))
    assert first == second
    assert Picture.objects.count() == 1


def test_list(api: Api) -> None:
    pier = ok(api.as_("comms").upload("/pictures", file=png(), **WORDS), 201)["id"]
    ward = ok(api.as_("comms").upload("/pictures", file=png("navy"), **WORDS | {"alt_text": "A ward"}), 201)["id"]
    assert ids(api.as_("reader").get("/pictures")) == [ward, pier]
    assert ids(api.as_("reader").get("/pictures", q="pier")) == [pier]


def test_a_picture_can_stand_with_content(api: Api) -> None:
    picture = ok(api.as_("comms").upload("/pictures", file=png(), **WORDS), 201)["id"]
    entry = {"title": "By the pier", "body": "We met.", "picture_id": picture}
    assert ok(api.as_("comms").post("/blog-entries", entry), 201)["picture_id"] == picture


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"alt_text": " "}, 422, "alt_text"),
        ({"alt_text": ""}, 422, "alt_text"),
        ({"alt_text": "null\0"}, 422, "alt_text"),
        ({"alt_text": "x" * 1001}, 422, "alt_text"),
        ({"shows_people": "perhaps"}, 422, "shows_people"),
        ({"shows_people": "true"}, 409, "shows_people"),
        ({"colour": "teal"}, 422, "colour"),
        ({"file": SimpleUploadedFile("pier.png", b"not a picture", "image/png")}, 422, "file"),
        ({"file": "text"}, 422, "file"),
        ({"second": SimpleUploadedFile("b.png", b"x")}, 422, "second"),
    ],
)
def test_bad_input(api: Api, change: dict, status: int, field: str) -> None:
    answer = api.as_("comms").upload("/pictures", **{"file": png()} | WORDS | change)
    refused(answer, status, field=field if status == 422 else None)
    assert not Picture.objects.exists()


def test_missing_fields_and_other_bodies(api: Api) -> None:
    comms = api.as_("comms")
    refused(comms.upload("/pictures", **WORDS), 422, "invalid", "file")
    refused(comms.upload("/pictures", file=png()), 422, "invalid", "alt_text")
    refused(comms.post("/pictures", {"alt_text": "x"}), 422, "invalid")


def test_broken_and_oversized_forms(api: Api) -> None:
    comms = api.as_("comms")
    form = "multipart/form-data"
    refused(comms.send("POST", "/pictures", raw=b"x", content_type=form), 400, "malformed")
    refused(
        comms.send("POST", "/pictures", raw=b"x", content_type=f"{form}; boundary=é".encode().decode("latin-1")), 400
    )
    refused(comms.upload("/pictures", file=png(), alt_text="x" * 1_000_001, shows_people="false"), 413, "too_large")
    refused(comms.upload("/pictures", **{f"field{n}": "x" for n in range(1001)}), 400, "malformed")
    huge = SimpleUploadedFile("pier.png", b"x" * 11_000_001)
    refused(comms.upload("/pictures", file=huge, **WORDS), 413, "too_large")


def test_an_idempotency_key_knows_a_form_by_what_it_holds(api: Api) -> None:
    comms, key = api.as_("comms"), {"Idempotency-Key": "upload-1"}
    first = ok(comms.upload("/pictures", file=png(), headers=key, **WORDS), 201)
    again = comms.upload("/pictures", file=png(), headers=key, **WORDS)
    assert ok(again, 201) == first
    assert again.headers["Idempotency-Replayed"] == "true"
    refused(comms.upload("/pictures", file=png("navy"), headers=key, **WORDS), 422, "idempotency_key_reused")


def test_outsiders_and_readers(api: Api, outsider: Api) -> None:
    refused(outsider.get("/pictures"), 401)
    refused(outsider.get("/pictures/1"), 401)
    refused(outsider.upload("/pictures", file=png(), **WORDS), 401)
    refused(api.as_("hr").upload("/pictures", file=png(), **WORDS), 403, "role")
    refused(api.as_("comms").get("/pictures/999"), 404, "not_found")
