from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from media.models import Picture
from media.services import add_picture


def noise(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    """A picture of many colours, the same on every run."""
    picture = Image.linear_gradient("L").resize(size)
    turned = picture.transpose(Image.Transpose.ROTATE_90).resize(size)
    flipped = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return Image.merge("RGB", (picture, turned, flipped)).convert(mode)


def as_bytes(picture: Image.Image, form: str, **options: Any) -> bytes:
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


@pytest.fixture(autouse=True)
def files(tmp_path: Path, settings: Any) -> Iterator[Path]:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def add(db: None) -> Callable[..., Picture]:
    def add(data: bytes, **given: Any) -> Picture:
        values = {"file": BytesIO(data), "alt_text": "The pier at dusk", "shows_people": False, "by": None}
        return add_picture(**values | given)

    return add
