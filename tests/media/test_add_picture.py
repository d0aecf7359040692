"""A picture that is taken in is kept once, described, and safe to show."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models.signals import post_save

from media.encoding import BYTES_AT_MOST
from media.errors import InvalidPicture, PictureRefused
from media.models import Picture
from media.services import add_picture
from tests.media.conftest import as_bytes, noise

Add = Callable[..., Picture]
JPEG = as_bytes(noise((200, 100)), "JPEG")


def kept(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_picture_is_kept_with_its_measures(add: Add, files: Path) -> None:
    by = get_user_model().objects.create_person(email="w@promenade.example", name="Wren", role="comms")
    picture = add(JPEG, alt_text="  The pier at dusk ", credit="Wren Writer", by=by)
    picture.refresh_from_db()
    (file,) = kept(files)
    data = file.read_bytes()
    assert (picture.width, picture.height, picture.size) == (200, 100, len(data))
    assert picture.sha256 == hashlib.sha256(data).hexdigest()
    assert picture.file.name.endswith(".jpg")
    assert (picture.alt_text, picture.credit, picture.uploaded_by) == ("The pier at dusk", "Wren Writer", by)


def test_uploaded_file_of_django_is_taken(db: None) -> None:
    file = SimpleUploadedFile("../../pier.exe", JPEG, content_type="text/html")
    picture = add_picture(file=file, alt_text="The pier", shows_people=False, by=None)
    assert picture.file.name.startswith("pictures/")
    assert picture.file.name.endswith(".jpg")


def test_same_picture_again_is_the_same_row(add: Add, files: Path) -> None:
    first = add(JPEG)
    again = add(JPEG, alt_text="Other words")
    assert again.pk == first.pk
    assert again.alt_text == "The pier at dusk"
    assert len(kept(files)) == 1


def test_picture_of_people_is_refused_until_consent_can_be_recorded(add: Add, files: Path) -> None:
    with pytest.raises(PictureRefused) as refused:
        add(JPEG, shows_people=True)
    assert refused.value.code == "consent_required"
    assert "consent" in str(refused.value)
    assert kept(files) == []


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"alt_text": " \n "}, "alt_text"),
        ({"alt_text": "a" * 1001}, "alt_text"),
        ({"alt_text": "a\x00b"}, "alt_text"),
        ({"credit": "a" * 201}, "credit"),
    ],
)
def test_bad_words_are_refused_by_name(add: Add, files: Path, given: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidPicture) as invalid:
        add(JPEG, **given)
    assert invalid.value.field == field
    assert kept(files) == []


def test_alternative_text_of_a_thousand_characters_fits(add: Add) -> None:
    assert len(add(JPEG, alt_text="a" * 1000).alt_text) == 1000


def test_file_over_the_limit_is_not_read_to_its_end(add: Add) -> None:
    class Endless(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            assert size == BYTES_AT_MOST + 1
            return b"\xff" * (size or 0)

    with pytest.raises(InvalidPicture) as invalid:
        add(b"", file=Endless())
    assert invalid.value.code == "too_large"


def test_no_file_is_left_when_the_row_cannot_be_saved(add: Add, files: Path) -> None:
    def fails(**_: Any) -> None:
        assert len(kept(files)) == 1
        raise RuntimeError("whoever follows saved rows could not")

    post_save.connect(fails, sender=Picture)
    try:
        with pytest.raises(RuntimeError):
            add(JPEG)
    finally:
        post_save.disconnect(fails, sender=Picture)
    assert kept(files) == []
    assert not Picture.objects.exists()


def test_loser_of_a_race_returns_the_winner_s_row(add: Add, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    winner: list[Picture] = []

    def somebody_is_faster(*args: Any, **kwargs: Any) -> ContentFile[bytes]:
        monkeypatch.undo()
        winner.append(add(JPEG, alt_text="First"))
        return ContentFile(*args, **kwargs)

    monkeypatch.setattr("media.services.ContentFile", somebody_is_faster)
    assert add(JPEG, alt_text="Second").pk == winner[0].pk
    assert Picture.objects.get().alt_text == "First"
    assert len(kept(files)) == 1


@pytest.mark.django_db(transaction=True)
def test_racing_uploads_keep_one(add: Add, files: Path) -> None:
    rows: list[int] = []

    def upload() -> None:
        try:
            rows.append(add(JPEG).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=upload) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(rows) == 6
    assert len(set(rows)) == 1
    assert len(kept(files)) == 1
