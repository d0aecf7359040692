"""Takes pictures in."""

from __future__ import annotations

import hashlib
from typing import Protocol

from django.core.files.base import ContentFile
from django.db import IntegrityError, models, transaction

from media import encoding
from media.errors import InvalidPicture, PictureRefused
from media.models import Picture

ALT_TEXT_AT_MOST = 1000  # characters
CREDIT_AT_MOST = 200  # characters


class ReadableFile(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


def add_picture(
    *, file: ReadableFile, alt_text: str, shows_people: bool, credit: str = "", by: models.Model | None
) -> Picture:
    """Keep an uploaded picture (JPEG, PNG, WebP or a GIF that does not move; at most 10 MiB and 50 megapixels),
    re-encoded as `encoding.encode` says. The same picture again returns the row that is there, its words unchanged.
    Raises InvalidPicture, and PictureRefused (consent_required) for pictures that show people."""
    if shows_people:
        raise PictureRefused(
            "Pictures of people need everyone’s consent, which Promenade cannot record yet. Choose a picture "
            "without people.",
            code="consent_required",
            field="shows_people",
        )
    alt_text = _checked(alt_text, field="alt_text", name="alt text", limit=ALT_TEXT_AT_MOST)
    if not alt_text:
        raise InvalidPicture(
            "Enter alt text: describe the picture for people who cannot see it.",
            code="alt_text_required",
            field="alt_text",
        )
    credit = _checked(credit, field="credit", name="credit", limit=CREDIT_AT_MOST)
    encoded = encoding.encode(_read(file))
    sha256 = hashlib.sha256(encoded.data).hexdigest()
    existing = Picture.objects.filter(sha256=sha256).first()
    if existing:
        return existing
    picture = Picture(
        sha256=sha256,
        size=len(encoded.data),
        alt_text=alt_text,
        credit=credit,
        uploaded_by_id=by.pk if by else None,
    )
    picture.file = ContentFile(encoded.data, name=f"{sha256[:32]}.{encoded.extension}")
    return _save(picture)


def _checked(text: str, *, field: str, name: str, limit: int) -> str:
    if "\x00" in text:
        raise InvalidPicture(f"The {name} contains a null character. Remove it.", field=field)
    text = text.strip()
    if len(text) > limit:
        raise InvalidPicture(f"The {name} has {len(text)} characters. The maximum is {limit}.", field=field)
    return text


def _read(file: ReadableFile) -> bytes:
    data = file.read(encoding.BYTES_AT_MOST + 1)
    if len(data) > encoding.BYTES_AT_MOST:
        raise InvalidPicture(
            f"This file has more than {encoding.BYTES_AT_MOST // 1024**2} MB. Upload a smaller one.",
            code="too_large",
            field="file",
        )
    return data


def _save(picture: Picture) -> Picture:
    """Save file and row; where the row cannot be saved, the file goes again."""
    kept = False
    try:
        with transaction.atomic():
            picture.save()
        kept = True
    except IntegrityError:
        # Somebody uploaded the same picture at the same moment; theirs stands.
        theirs = Picture.objects.filter(sha256=picture.sha256).first()
        if theirs is None:
            raise
        return theirs
    finally:
        if not kept and picture.file.name:
            picture.file.storage.delete(picture.file.name)
    return picture
