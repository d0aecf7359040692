"""Whatever is uploaded becomes an upright, scaled picture without metadata, or is refused in clear words."""

from __future__ import annotations

import contextlib
import random
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageCms, ImageDraw
from PIL.PngImagePlugin import PngInfo

from media.encoding import encode
from media.errors import InvalidPicture
from tests.media.conftest import as_bytes, noise


def opened(data: bytes) -> Image.Image:
    picture = Image.open(BytesIO(encode(data).data))
    picture.load()
    return picture


def refusal(data: bytes) -> str:
    with pytest.raises(InvalidPicture) as invalid:
        encode(data)
    assert invalid.value.field == "file"
    return invalid.value.code


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_photographs_of_every_format_become_jpeg_or_png(form: str) -> None:
    made = encode(as_bytes(noise((64, 48)), form))
    assert made.extension == ("png" if form == "GIF" else "jpg")
    assert Image.open(BytesIO(made.data)).size == (64, 48)


def test_drawing_of_few_colours_stays_png() -> None:
    drawing = Image.new("RGB", (100, 100), "white")
    ImageDraw.Draw(drawing).rectangle((10, 10, 50, 50), fill="navy")
    picture = opened(as_bytes(drawing, "PNG"))
    assert picture.format == "PNG"
    assert picture.getpixel((20, 20)) == (0, 0, 128)


def test_jpeg_stays_jpeg_however_plain_it_is() -> None:
    assert encode(as_bytes(Image.new("RGB", (64, 64), "navy"), "JPEG")).extension == "jpg"


def test_transparency_stays() -> None:
    see_through = noise((60, 60), "RGBA")
    see_through.putpixel((0, 0), (1, 2, 3, 0))
    for form in ("PNG", "WEBP"):
        picture = opened(as_bytes(see_through, form, **({"lossless": True} if form == "WEBP" else {})))
        assert (picture.format, picture.mode) == ("PNG", "RGBA")
        assert picture.getpixel((0, 0))[3] == 0


def test_opaque_alpha_channel_is_a_photograph() -> None:
    assert opened(as_bytes(noise((60, 60), "RGBA"), "PNG")).format == "JPEG"


def test_palette_with_a_transparent_colour_stays_transparent() -> None:
    drawing = Image.new("P", (40, 40), 1)
    drawing.putpalette([255, 0, 0, 0, 0, 255])
    drawing.putpixel((3, 3), 0)
    for form in ("PNG", "GIF"):
        picture = opened(as_bytes(drawing, form, transparency=0)).convert("RGBA")
        assert picture.getpixel((3, 3))[3] == 0
        assert picture.getpixel((9, 9)) == (0, 0, 255, 255)


@pytest.mark.parametrize(("turned", "size"), [(1, (80, 40)), (3, (80, 40)), (6, (40, 80)), (8, (40, 80))])
def test_orientation_is_applied(turned: int, size: tuple[int, int]) -> None:
    exif = Image.Exif()
    exif[0x0112] = turned
    assert opened(as_bytes(noise((80, 40)), "JPEG", exif=exif)).size == size


def test_no_metadata_is_left() -> None:
    exif = Image.Exif()
    exif[0x010F] = "Secretcamera"
    exif.get_ifd(0x8825)[2] = (50.0, 49.0, 0.0)
    text = PngInfo()
    text.add_text("Comment", "Secretplace")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>Secretxmp</x:xmpmeta>"
    for data in (
        as_bytes(noise((64, 64)), "JPEG", exif=exif, comment=b"Secretcomment", icc_profile=profile, xmp=xmp),
        as_bytes(noise((64, 64)), "PNG", exif=exif, pnginfo=text, icc_profile=profile),
        as_bytes(noise((64, 64)), "WEBP", exif=exif, xmp=xmp, icc_profile=profile),
        as_bytes(noise((64, 64), "RGBA").point(lambda v: v // 2), "PNG", exif=exif, pnginfo=text, dpi=(72, 72)),
    ):
        made = encode(data).data
        assert b"Secret" not in made
        assert b"Exif" not in made
        assert b"eXIf" not in made
        picture = Image.open(BytesIO(made))
        assert not picture.getexif()
        assert not {"icc_profile", "comment", "xmp", "exif", "dpi"} & set(picture.info)


def test_longest_edge_is_scaled_down_and_nothing_up() -> None:
    assert opened(as_bytes(noise((4800, 1200)), "JPEG")).size == (2400, 600)
    assert opened(as_bytes(noise((1000, 3000)), "PNG")).size == (800, 2400)
    assert opened(as_bytes(noise((2400, 100)), "JPEG")).size == (2400, 100)
    assert opened(as_bytes(noise((17, 20)), "JPEG")).size == (17, 20)


def test_very_thin_picture_keeps_a_pixel() -> None:
    assert opened(as_bytes(noise((20_000, 16)), "PNG")).size == (2400, 2)


def test_same_bytes_give_the_same_result() -> None:
    data = as_bytes(noise((300, 200)), "JPEG")
    assert encode(data) == encode(data)


@pytest.mark.parametrize("mode", ["1", "L", "CMYK", "YCbCr"])
def test_other_modes_become_ordinary_pictures(mode: str) -> None:
    picture = opened(as_bytes(noise((64, 64)).convert(mode), "PNG" if mode == "1" else "JPEG"))
    assert picture.mode in ("L", "RGB")


def test_sixteen_bit_grey_keeps_its_shades() -> None:
    picture = Image.new("I;16", (32, 32))
    for x in range(32):
        for y in range(32):
            picture.putpixel((x, y), x * 2114)
    shades = {opened(as_bytes(picture, "PNG")).getpixel((x, 5)) for x in range(32)}
    assert len(shades) == 32


def test_wide_colours_are_brought_to_srgb() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert opened(as_bytes(noise((64, 64)), "JPEG", icc_profile=lab)).size == (64, 64)
    assert opened(as_bytes(noise((64, 64)), "JPEG", icc_profile=b"no profile")).size == (64, 64)


def test_moving_pictures_are_refused() -> None:
    frames = [noise((32, 32)), noise((32, 32)).rotate(90)]
    for form in ("GIF", "WEBP", "PNG"):
        assert refusal(as_bytes(frames[0], form, save_all=True, append_images=frames[1:])) == "animated"


def test_second_frame_of_a_telephone_s_jpeg_is_no_animation() -> None:
    data = as_bytes(noise((64, 48)), "MPO", save_all=True, append_images=[noise((32, 24))])
    picture = opened(data)
    assert (picture.format, picture.size) == ("JPEG", (64, 48))


@pytest.mark.parametrize("size", [(15, 100), (100, 15), (1, 1)])
def test_tiny_pictures_are_refused(size: tuple[int, int]) -> None:
    assert refusal(as_bytes(Image.new("RGB", size), "PNG")) == "too_small"


def png_header(width: int, height: int) -> bytes:
    """A PNG of a few bytes that claims any size."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(7072, 7072), (10_000, 10_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_bombs_are_refused_by_their_header(size: tuple[int, int]) -> None:
    assert refusal(png_header(*size)) == "too_many_pixels"


@pytest.mark.parametrize(
    "data",
    [b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"BM" + b"\x00" * 60, b"\x00" * 100],
)
def test_other_files_are_refused(data: bytes) -> None:
    assert refusal(data) == "unknown_format"


def test_tiff_is_refused_whatever_it_is_called() -> None:
    assert refusal(as_bytes(noise((32, 32)), "TIFF")) == "unknown_format"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_cut_and_spoilt_files_are_refused_or_read_but_never_burst(form: str) -> None:
    whole = as_bytes(noise((64, 64)), form)
    chance = random.Random(7)
    for _ in range(300):
        spoilt = bytearray(whole[: chance.randrange(len(whole))] if chance.random() < 0.3 else whole)
        for _ in range(chance.randrange(1, 12)):
            if spoilt:
                spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        with contextlib.suppress(InvalidPicture):
            encode(bytes(spoilt))


def test_half_a_jpeg_is_refused() -> None:
    whole = as_bytes(noise((400, 400)), "JPEG")
    assert refusal(whole[: len(whole) // 2]) == "damaged"
