"""Pictures of what is published: open to everyone while a public item shows them, otherwise to staff.

A reader of the private feed loads pictures without cookies, so the feed carries signed addresses. A signed address
holds only for its one picture, and only while something published shows it; it ends with the withdrawal.
"""

from __future__ import annotations

import re

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404

from backend.site.http.http_cache import reads
from campaigns.website.models import Item, Surface
from media.models import Picture

TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif"}
KEPT_FOR = "max-age=86400"  # a day: what is withdrawn is gone from caches by tomorrow
_ADDRESS = re.compile(r"/pictures/(\d{1,18})\.(jpg|png|webp|gif)\b")


def _signer() -> Signer:
    return Signer(salt="site.pictures")


def media_type(picture: Picture) -> str:
    return TYPES.get(picture.extension, "application/octet-stream")


def _signed(pk: str, ending: str) -> str:
    return f"/pictures/{pk}-{_signer().signature(pk)}.{ending}"


def signed_path(picture: Picture) -> str:
    """An address that shows the picture to whoever holds it, while something published shows it."""
    return _signed(str(picture.pk), picture.extension)


def with_signed_addresses(html: str) -> str:
    """The HTML with every address of a picture of ours signed."""
    ours = re.compile(re.escape(settings.BASE_URL) + _ADDRESS.pattern)
    return ours.sub(lambda found: settings.BASE_URL + _signed(found[1], found[2]), html)


def _is_shown(picture: Picture, surfaces: list[str]) -> bool:
    if picture.uses.filter(kind="organisation").exists():
        return True
    items = picture.uses.filter(kind="item").values("row_id")
    return any(Item.objects.live(surface).filter(pk__in=items).exists() for surface in surfaces)


@reads
def picture(request: HttpRequest, pk: int, ending: str) -> HttpResponse | FileResponse:
    found = get_object_or_404(Picture, pk=pk)
    if _is_shown(found, [Surface.BLOG]):
        return _send(request, found, ending, f"public, {KEPT_FOR}")
    # Asked only now: whoever reads a session makes the answer vary by cookie.
    if request.user.is_authenticated:
        return _send(request, found, ending, f"private, {KEPT_FOR}")
    raise Http404


@reads
def signed_picture(request: HttpRequest, pk: int, signature: str, ending: str) -> HttpResponse | FileResponse:
    try:
        _signer().unsign(f"{pk}:{signature}")
    except BadSignature:
        raise Http404 from None
    found = get_object_or_404(Picture, pk=pk)
    if not _is_shown(found, [Surface.BULLETIN, Surface.BLOG]):
        raise Http404
    return _send(request, found, ending, f"private, {KEPT_FOR}")


def _send(request: HttpRequest, found: Picture, ending: str, cache_control: str) -> HttpResponse | FileResponse:
    if ending != found.extension:
        raise Http404
    etag = f'"{found.sha256[:32]}"'
    response: HttpResponse | FileResponse
    if request.headers.get("If-None-Match", "").removeprefix("W/") == etag:
        response = HttpResponseNotModified()
    else:
        try:
            response = FileResponse(found.file.open("rb"), content_type=media_type(found))
        except FileNotFoundError:
            raise Http404 from None
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = cache_control
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
