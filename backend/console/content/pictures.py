"""Pictures that content may use, each with the words that describe it. With `next` they are chosen for the page that
one came from, which is told the picture's number."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlencode, urlsplit

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse

from backend import picture_uses
from backend.console.frame import authorization, paging, parameters
from backend.console.frame.authorization import Request
from backend.console.frame.forms import Form, LongTextField
from backend.picture_uses import Use
from media import services
from media.models import Picture

USES_SHOWN = 30
PAGE_OF_PICTURES = 24


class PictureForm(Form):
    file = forms.FileField(
        label="File",
        error_messages={"required": "Choose a picture file."},
        help_text="JPEG, PNG or WebP, up to 10 MB. We remove location and camera details.",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
    )
    alt_text = LongTextField(
        label="Alt text",
        error_messages={"required": "Enter alt text: describe the picture in a sentence."},
        max_length=services.ALT_TEXT_AT_MOST,
        rows=3,
        help_text=(
            "Describe the picture in one sentence, for people who cannot see it. Do not start with “picture of”. "
            "Include any words in the picture. For example: The pier at dusk, with a tea stall and empty deck chairs."
        ),
    )
    credit = forms.CharField(
        label="Credit",
        required=False,
        max_length=services.CREDIT_AT_MOST,
        help_text="Who made it. Shown below the picture, for example: Ola Berg.",
    )
    shows_people = forms.TypedChoiceField(
        label="Does it show people?",
        error_messages={"required": "Select yes if it shows people."},
        choices=[("no", "No"), ("yes", "Yes")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        help_text=(
            "Everyone in a picture must give consent. You cannot record consent here yet, so you cannot add "
            "pictures of people for now."
        ),
    )


@authorization.page_view("read pictures")
def pictures(request: Request) -> HttpResponse:
    words = parameters.words(request)
    rows = Picture.objects.filter(alt_text__icontains=words) if words else Picture.objects.all()
    wanted = authorization.next_url(request)
    pages = paging.page(rows, request, limit=PAGE_OF_PICTURES)
    found = [(row, with_picture(wanted, row) if wanted else "") for row in pages.rows]
    context = {"pages": pages, "rows": found, "words": words, "next": wanted}
    return render(request, "console/content/picture_library.html", context)


@authorization.form_view("add picture")
def new_picture(request: Request) -> HttpResponse:
    form = PictureForm(request.POST or None, request.FILES or None)
    wanted = authorization.next_url(request)
    if row := form.perform(lambda: services.add_picture(by=request.user, **form.cleaned_data)):
        messages.success(request, _said(row, form.cleaned_data["alt_text"]))
        return redirect(with_picture(wanted, row)) if wanted else redirect("console:picture", row.pk)
    return render(request, "console/content/new_picture.html", {"form": form, "next": wanted})


@authorization.page_view("read pictures")
def picture(request: Request, picture_id: int) -> HttpResponse:
    row = get_object_or_404(Picture.objects.select_related("uploaded_by"), pk=picture_id)
    pages = paging.page(row.uses.all(), request, limit=USES_SHOWN)
    context = {
        "row": row,
        "pages": pages,
        "uses": [(use, _words(use), _address(request, use)) for use in picture_uses.describe(pages.rows)],
        "markdown": markdown_of(row),
        "kilobytes": max(1, round(row.size / 1024)),
    }
    return render(request, "console/content/picture.html", context)


def _words(use: Use) -> str:
    """What shows it there."""
    words = {
        "content": "Main picture",
        "text": "In the text",
        "publication": f"In a post on {use.where}",
        "composition": "In a draft post",
        "organisation": "Logo",
        "item": f"Published: {use.where}",
        "mailing": f"In an email from {use.where}",
    }
    return words[use.kind]


def _address(request: Request, use: Use) -> str:
    """The page of what shows it; none where this person may not open it, and of a mailing without its publication."""
    if use.page:
        return use.page
    if use.kind == "organisation":
        return reverse("console:settings") if authorization.has_permission(request.user, "change organisation") else ""
    if use.kind == "composition":
        return reverse("console:compose", args=[use.content_id])
    if use.publication_id:
        return reverse("console:publication", args=[use.publication_id])
    return reverse("console:content", args=[use.content_id]) if use.content_id else ""


def with_picture(address: str, row: Picture) -> str:
    """The address with the picture's number in it."""
    parts = urlsplit(address)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name != "picture"]
    return parts._replace(query=urlencode([*query, ("picture", row.pk)])).geturl()


def markdown_of(row: Picture) -> str:
    """What puts it between two paragraphs of a text."""
    alt_text = re.sub(r"([\\\[\]])", r"\\\1", " ".join(row.alt_text.split()))
    return f"![{alt_text}]({row.path})"


def _said(row: Picture, alt_text: str) -> str:
    if row.alt_text != alt_text.strip():
        return "This picture is already in the library, so it keeps its current alt text."
    return "The picture has been added to the library."


urlpatterns = [
    path("pictures", pictures, name="pictures"),
    path("pictures/new", new_picture, name="new_picture"),
    path("pictures/<int:picture_id>", picture, name="picture"),
]
