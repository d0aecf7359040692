"""A kept picture, made small enough for a place that takes only so much."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from media.models import Picture

QUALITIES = (85, 75, 65, 55)
SMALLER = 0.8
SIDE_AT_LEAST = 200
"""Pixels of the longer side, under which nobody would recognise anything."""


@dataclass(frozen=True)
class FittedPicture:
    data: bytes
    media_type: str
    width: int
    height: int


def fit_picture(picture: Picture, *, bytes_at_most: int, side_at_most: int) -> FittedPicture:
    """The picture itself where it fits; otherwise scaled down to the side (pixels), and as a JPEG of lower quality,
    then of smaller size, until it has at most so many bytes. What is transparent becomes white then. Raises OSError
    where the file is gone, ValueError where it cannot be made to fit."""
    with picture.file.open("rb") as kept:
        data = kept.read()
    if len(data) <= bytes_at_most and max(picture.width, picture.height) <= side_at_most:
        media_type = "image/png" if picture.extension == "png" else "image/jpeg"
        return FittedPicture(data, media_type, picture.width, picture.height)
    with Image.open(BytesIO(data)) as source:
        image = _opaque(source)
    side = min(side_at_most, max(image.size))
    while side >= SIDE_AT_LEAST:
        image.thumbnail((side, side), Image.Resampling.LANCZOS)
        for quality in QUALITIES:
            out = BytesIO()
            image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
            if out.tell() <= bytes_at_most:
                return FittedPicture(out.getvalue(), "image/jpeg", *image.size)
        side = int(side * SMALLER)
    raise ValueError(f"picture {picture.pk} does not fit into {bytes_at_most} bytes")


def _opaque(source: Image.Image) -> Image.Image:
    if not source.has_transparency_data:
        return source.convert("RGB")
    ground = Image.new("RGB", source.size, "white")
    ground.paste(source, mask=source.convert("RGBA").getchannel("A"))
    return ground
