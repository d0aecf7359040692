"""A kept picture is made to fit what a place takes, and otherwise left as it is."""

from __future__ import annotations

import random
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from media.fitting import fit_picture
from media.models import Picture
from tests.media.test_add_picture import as_bytes, noise

Add = Callable[..., Picture]


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def test_what_fits_goes_as_it_is(add: Add, files: Path) -> None:
    picture = add(as_bytes(noise((300, 200)), "JPEG"))

    found = fit_picture(picture, bytes_at_most=5_000_000, side_at_most=4096)

    assert (found.data, found.media_type) == ((files / picture.file.name).read_bytes(), "image/jpeg")
    assert (found.width, found.height) == (300, 200)


def test_a_long_side_is_shortened_and_the_shape_stays(add: Add) -> None:
    found = fit_picture(add(as_bytes(noise((1200, 600)), "JPEG")), bytes_at_most=5_000_000, side_at_most=400)

    assert (found.width, found.height) == opened(found.data).size == (400, 200)


def test_too_many_bytes_become_fewer(add: Add) -> None:
    grains = Image.frombytes("RGB", (900, 900), random.Random(1).randbytes(900 * 900 * 3))
    picture = add(as_bytes(grains, "JPEG"))
    assert picture.size > 300_000

    found = fit_picture(picture, bytes_at_most=300_000, side_at_most=4096)

    assert len(found.data) <= 300_000
    assert found.media_type == "image/jpeg"


def test_what_is_transparent_becomes_white(add: Add) -> None:
    clear = Image.new("RGBA", (900, 900), (0, 0, 0, 0))
    found = fit_picture(add(as_bytes(clear, "PNG")), bytes_at_most=5_000_000, side_at_most=300)

    assert opened(found.data).getpixel((5, 5)) == (255, 255, 255)


def test_what_can_never_fit_says_so(add: Add) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        fit_picture(add(as_bytes(noise((900, 900)), "JPEG")), bytes_at_most=500, side_at_most=900)


def test_a_lost_file_is_an_error_and_no_empty_picture(add: Add, files: Path) -> None:
    picture = add(as_bytes(noise((300, 200)), "JPEG"))
    (files / picture.file.name).unlink()

    with pytest.raises(FileNotFoundError):
        fit_picture(picture, bytes_at_most=5_000_000, side_at_most=4096)
