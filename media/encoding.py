"""Uploaded bytes to a picture that is safe to show: checked by content, upright, scaled, without metadata."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from media.errors import InvalidPicture

BYTES_AT_MOST = 10 * 1024 * 1024
PIXELS_AT_MOST = 50_000_000
SIDE_AT_LEAST = 16  # pixels
LONGEST_EDGE = 2400  # pixels; twice the width of the widest page, for dense screens
JPEG_QUALITY = 85
FEW_COLOURS = 256  # what one palette holds: drawings, logos and screens, which JPEG would smear

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# What Pillow's readers raise for files that are broken, cut short or made to hurt.
_UNREADABLE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True)
class EncodedPicture:
    data: bytes
    extension: str
    """Without the dot: jpg or png."""


def encode(data: bytes) -> EncodedPicture:
    """Re-encode a JPEG, PNG, WebP or GIF of at most 10 MiB and 50 megapixels and at least 16 × 16 pixels.

    The result is sRGB or grey, turned as its EXIF orientation says, at most 2400 pixels on its longest edge, and
    carries no metadata. PNG where a pixel is transparent, or where a source without loss has at most 256 colours;
    otherwise JPEG of quality 85. The same bytes give the same result. Raises InvalidPicture.
    """
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as source:
            _check(source)
            picture, as_png = _plain(source)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except UnidentifiedImageError:
        raise InvalidPicture(
            "This file is not a JPEG, PNG, WebP or GIF picture. Save it as a JPEG, then upload it again.",
            code="unknown_format",
            field="file",
        ) from None
    except _UNREADABLE:
        raise InvalidPicture(
            "This picture is damaged and cannot be read. Save it again in a picture editor, then upload it.",
            code="damaged",
            field="file",
        ) from None
    out = BytesIO()
    if as_png:
        picture.save(out, "PNG", optimize=True)
        return EncodedPicture(out.getvalue(), "png")
    picture.save(out, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
    return EncodedPicture(out.getvalue(), "jpg")


def _check(source: Image.Image) -> None:
    """Refuse by what the header says, before any pixel is decoded."""
    width, height = source.size
    if width * height > PIXELS_AT_MOST:
        raise _too_many_pixels()
    if min(width, height) < SIDE_AT_LEAST:
        raise InvalidPicture(
            f"This picture has {width} × {height} pixels; it needs at least {SIDE_AT_LEAST} × {SIDE_AT_LEAST}.",
            code="too_small",
            field="file",
        )
    # Telephones write a JPEG with a second frame (a preview or a depth map) behind the first: that is no animation.
    if source.format != "MPO" and getattr(source, "is_animated", False):
        raise InvalidPicture(
            "This picture is animated. Upload a still picture: animation can distract people or make them ill.",
            code="animated",
            field="file",
        )


def _plain(source: Image.Image) -> tuple[Image.Image, bool]:
    """The upright, scaled pixels in L, RGB or RGBA (RGBA only where some pixel is transparent), and whether they
    belong in a PNG. Scaled before anything is copied: 50 megapixels are 150 to 200 MB."""
    lossy = source.format in ("JPEG", "MPO")
    profile = source.info.get("icc_profile")
    source.draft(None, (LONGEST_EDGE, LONGEST_EDGE))  # large JPEGs are scaled while they are decoded
    ImageOps.exif_transpose(source, in_place=True)
    picture = _ordinary(source)
    see_through = picture.mode == "RGBA"
    as_png = see_through or (not lossy and picture.getcolors(FEW_COLOURS) is not None)
    picture.thumbnail((LONGEST_EDGE, LONGEST_EDGE), Image.Resampling.LANCZOS)
    picture = _to_srgb(picture, profile)
    kept = Image.new(picture.mode, picture.size)
    kept.paste(picture)  # pixels only: what else the file carried stays behind
    return kept, as_png


def _ordinary(picture: Image.Image) -> Image.Image:
    """The picture in L, RGB, CMYK or, where some pixel is transparent, RGBA."""
    if picture.mode.startswith("I"):
        # 16 bits a pixel; Pillow's own conversion would clip everything above 255 to white.
        return picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if picture.has_transparency_data:
        if picture.mode != "RGBA":
            picture = picture.convert("RGBA")
        opaque = picture.getextrema()[-1] == (255, 255)
        return picture.convert("RGB") if opaque else picture
    if picture.mode in ("L", "RGB", "CMYK"):
        return picture
    return picture.convert("L" if picture.mode == "1" else "RGB")


def _to_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours as the embedded profile means them; a profile that is broken or of another mode is left aside."""
    mode = "RGB" if picture.mode == "CMYK" else picture.mode
    if profile and picture.mode != "L":
        try:
            converted = ImageCms.profileToProfile(
                picture, ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode=mode
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
        else:
            if converted is not None:
                return converted
    return picture.convert(mode)


def _too_many_pixels() -> InvalidPicture:
    return InvalidPicture(
        f"This picture has more than {PIXELS_AT_MOST // 1_000_000} million pixels. Make it smaller, then upload it.",
        code="too_many_pixels",
        field="file",
    )
