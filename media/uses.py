"""Where pictures are used. The rooms above tell it whenever a row of theirs begins or ends to show one, in the same
transaction, so that "where is it?" is one question to one table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from django.conf import settings

from media.models import Picture, PictureUse


def record_uses(*, kind: str, row_id: int, picture_ids: Iterable[int]) -> None:
    """This row shows these pictures, and no others. Ids without a picture are left out: a text may name anything.
    Called twice, it changes nothing."""
    wanted = set(picture_ids)
    rows = PictureUse.objects.filter(kind=kind, row_id=row_id)
    known = set(rows.values_list("picture_id", flat=True))
    if known - wanted:
        rows.filter(picture_id__in=known - wanted).delete()
    if wanted - known:
        found = Picture.objects.filter(pk__in=wanted - known).order_by("pk").values_list("pk", flat=True)
        PictureUse.objects.bulk_create(PictureUse(picture_id=pk, kind=kind, row_id=row_id) for pk in found)


def picture_ids_in(text: str) -> set[int]:
    """The pictures of ours whose addresses stand in a text, Markdown or HTML."""
    return {int(found[1]) for found in _address(settings.BASE_URL).finditer(text)}


@lru_cache(4)
def _address(base: str) -> re.Pattern[str]:
    """As Picture.path writes it, alone or after our own base; after anything else it is somebody else's."""
    return re.compile(rf"(?:{re.escape(base)}|(?<![\w.:/%-]))/pictures/(\d{{1,18}})\.(?:jpg|png|webp|gif)\b", re.ASCII)
