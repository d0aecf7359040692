"""Changing what one publication says, its pictures and what happens when it is late, until it has gone out."""

from __future__ import annotations

from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse

from backend.console.compose.compose_data import MINUTES_AT_MOST
from backend.console.content.forms import PICTURES_OFFERED
from backend.console.frame import authorization, parameters
from backend.console.frame.authorization import Request
from backend.console.frame.forms import EditForm, LongTextField
from backend.console.publishing import publication as publications
from campaigns.planning.models import STILL_TO_GO, ContentState, LateRule, Publication
from campaigns.planning.services import publications as services
from media.models import Picture
from scheduler.posts import previews
from scheduler.posts.previews import ChannelPreview

FOLLOWS = "Leave empty to use the common text. We add the link at the end, unless it is already in the text."


class PostPictures(forms.CheckboxSelectMultiple):
    """The pictures that are chosen, in their order, then the newest others."""

    template_name = "console/compose/publication_pictures.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        chosen = _in_order(value or [])
        newest = [row for row in Picture.objects.all()[:PICTURES_OFFERED] if row not in chosen]
        return context | {"chosen": chosen, "newest": newest}


class PostPicturesField(forms.Field):
    widget = PostPictures

    def to_python(self, value: Any) -> list[Picture]:
        return _in_order(value or [])

    def prepare_value(self, value: Any) -> Any:
        return [row.pk if isinstance(row, Picture) else row for row in value or []]


def _in_order(numbers: list[Any]) -> list[Picture]:
    """The pictures with these numbers, as far as there are any."""
    asked = [parameters.number(str(each)) for each in numbers]
    known = Picture.objects.in_bulk({each for each in asked if each is not None})
    return [known[each] for each in asked if each in known]


class RewordForm(EditForm):
    RENAMED: ClassVar = {"picture_ids": "pictures"}

    wording = LongTextField(label="Text", required=False, max_length=50_000)
    pictures = PostPicturesField(
        label="Pictures",
        required=False,
        help_text=f"Up to {services.PICTURES_AT_MOST}. Without any, it uses the picture from the common text.",
    )
    late_rule = forms.ChoiceField(label="If it is late", choices=LateRule.choices)
    late_after_minutes = forms.IntegerField(
        label=("Number of minutes before it counts as late"), min_value=0, max_value=MINUTES_AT_MOST
    )

    def __init__(
        self, data: Any = None, *, row: Publication, shown: ChannelPreview, picked: Picture | None = None
    ) -> None:
        own = [placed.picture for placed in row.placed_pictures.select_related("picture")]
        values = {
            "wording": row.wording.replace("\r\n", "\n"),
            "pictures": own,
            "picture_ids": [picture.pk for picture in own],  # two may be described alike
            "late_rule": row.late_rule,
            "late_after_minutes": row.late_after_minutes,
        }
        super().__init__(data, values=values)
        if picked is not None and picked not in own:
            self.initial["pictures"] = [*own, picked]
        most = f"Up to {shown.limit.maximum} {shown.limit.unit}. " if shown.limit else ""
        self.fields["wording"].help_text = f"{most}{FOLLOWS}"

    def changes(self) -> dict[str, Any]:
        """What differs from the row, so that a mere save takes no approval away."""
        return {name: value for name, value in self.cleaned_data.items() if self.values[name] != value}


@authorization.form_view("change publication")
def change_publication(request: Request, publication_id: int) -> HttpResponse:
    if request.method == "POST":
        get_object_or_404(Publication, pk=publication_id)
        services.lock_content_of(publication_id)
    row: Publication = parameters.row(request, Publication.objects.with_content(), publication_id, of=("self",))
    [shown] = previews.preview_publications([row])
    picked = parameters.named(Picture.objects, request.GET.get("picture", ""))
    form = RewordForm(request.POST or None, row=row, shown=shown, picked=picked)
    if form.perform(lambda: services.change_publication(publication=row, by=request.user, **form.changes())):
        return _saved(request, row)
    context = {
        "row": row,
        "form": form,
        "shown": [shown],
        "own_page": shown.own_page,
        "changes": row.state in STILL_TO_GO,
        "picked": picked if request.method == "GET" else None,
        "next": authorization.next_url(request),
    }
    return render(request, "console/compose/publication_text.html", context, status=422 if form.errors else 200)


def _saved(request: Request, before: Publication) -> HttpResponse:
    """On to where the person came from, unless there is more to do here."""
    row = Publication.objects.with_content().get(pk=before.pk)
    address, wanted = reverse("console:change_publication", args=[row.pk]), authorization.next_url(request)
    here = f"{address}?{urlencode({'next': wanted})}" if wanted else address
    if request.POST.get("do") == "pictures":
        return redirect(f"{reverse('console:pictures')}?{urlencode({'next': here})}")
    [shown] = previews.preview_publications([row])
    if not shown.fits:
        messages.warning(request, f"Saved, but it cannot be published yet: {shown.trouble}")
        return redirect(here)
    back = before.content.state == ContentState.APPROVED != row.content.state
    said = "It was approved, so it now needs approval again." if back else ""
    return publications.done(request, row, f"Saved. {said}".strip())


urlpatterns = [
    path("publications/<int:publication_id>/change", change_publication, name="change_publication"),
]
