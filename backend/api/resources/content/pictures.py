"""Pictures, uploaded as multipart/form-data."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from django.conf import settings
from django.shortcuts import get_object_or_404
from ninja import Field, File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import ConfigDict

from backend import picture_uses
from backend.api.paging import Page, PageQuery, page
from backend.api.problems import ProblemError
from backend.api.schemas import ApiRequest, Id, In
from media import services
from media.models import Picture

router = Router(tags=["pictures"])


class PictureOut(Schema):
    id: int
    width: int = Field(description="Pixels.")
    height: int = Field(description="Pixels.")
    size: int = Field(description="Bytes.")
    alt_text: str
    credit: str
    url: str = Field(
        description=("For everyone while published content uses it, otherwise for people who are signed in.")
    )
    uploaded_at: datetime
    uploaded_by_id: int | None

    @staticmethod
    def resolve_url(row: Picture) -> str:
        return settings.BASE_URL + row.path


class PictureUseOut(Schema):
    kind: picture_uses.Kind = Field(
        description=(
            "Chosen for content or used in its text; used by a publication or a composition; the organisation's "
            "logo; an item on our own pages; in a mailing."
        )
    )
    id: int = Field(description="Of the row of this kind; of a text, the content's.")
    title: str = Field(description="The content's, or the organisation's name.")
    where: str = Field(description="The channel or the pages that show it, where it is one.")
    content_id: int | None
    publication_id: int | None
    url: str = Field(description="Of the resource; for an item, of its page; empty if there is none.")

    @staticmethod
    def resolve_url(use: picture_uses.Use) -> str:
        if use.page:
            return settings.BASE_URL + use.page
        if use.publication_id:
            return f"{settings.BASE_URL}/api/v1/publications/{use.publication_id}"
        if use.content_id is None:
            return f"{settings.BASE_URL}/api/v1/organisation" if use.kind == "organisation" else ""
        tail = "/composition" if use.kind == "composition" else ""
        return f"{settings.BASE_URL}/api/v1/content/{use.content_id}{tail}"


class PictureIn(In):
    alt_text: str = Field(
        ...,
        min_length=1,
        max_length=services.ALT_TEXT_AT_MOST,
        description=("Alt text: what it shows, for people who cannot see it."),
    )
    shows_people: bool = Field(..., description="Pictures that show people need their consent.")
    credit: str = Field("", max_length=services.CREDIT_AT_MOST)

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"alt_text": "The pier at dusk", "shows_people": False, "credit": "Ola Berg"}]}
    )


class PictureQuery(PageQuery):
    q: str | None = Field(None, max_length=100, description="Search alt text.")
    sort: Literal["-id", "id"] = "-id"


@router.get("", response=Page[PictureOut], summary="List pictures")
def list_pictures(request: ApiRequest, query: Query[PictureQuery]) -> Any:
    rows = Picture.objects.filter(alt_text__icontains=query.q) if query.q else Picture.objects.all()
    return page(rows, query, sort=query.sort)


@router.post("", response={201: PictureOut}, summary="Upload a picture")
def create_picture(request: ApiRequest, payload: Form[PictureIn], file: File[UploadedFile]) -> Any:
    """JPEG, PNG, WebP or a GIF that does not move, of at most 10 MB. It is re-encoded without metadata; the same
    picture again answers the one that is there."""
    for name in (*request.POST, *request.FILES):
        if name not in {"file", *PictureIn.model_fields}:
            raise ProblemError(422, "invalid", "There is no such field.", place="form", field=name[:100])
    return Status(201, services.add_picture(file=file, by=request.principal, **payload.model_dump()))


@router.get("/{picture_id}", response=PictureOut, summary="Read a picture")
def get_picture(request: ApiRequest, picture_id: Id) -> Picture:
    return get_object_or_404(Picture, pk=picture_id)


@router.get("/{picture_id}/uses", response=Page[PictureUseOut], summary="Read where a picture is used")
def list_picture_uses(request: ApiRequest, picture_id: Id, query: Query[PageQuery]) -> Any:
    """The newest first."""
    row = get_object_or_404(Picture, pk=picture_id)
    found = page(row.uses.all(), query, sort="-id")
    return found | {"items": picture_uses.describe(found["items"])}
