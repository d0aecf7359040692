"""The components on one living page, for whoever makes a page. Not in production."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path

from backend.console.frame import authorization
from backend.console.frame.authorization import Request
from backend.console.frame.forms import DayField, Form, LongTextField, PoundsField, WallTimeField, WordsField
from backend.console.frame.paging import Page
from backend.console.templatetags.console import KINDS, STATES


class SampleForm(Form):
    title = forms.CharField(label="Title", help_text="In a few words.")
    body = LongTextField(label="Text", rows=3, required=False)
    day = DayField(label="Day")
    at = WallTimeField(label="Day and time", help_text="In your time zone.")
    budget = PoundsField(label="Budget", required=False, help_text="In pounds.")
    tags = WordsField(label="Tags", required=False, help_text="Separate them with commas.")
    kind = forms.ChoiceField(label="Kind", choices=[("a", "First"), ("b", "Second")], widget=forms.RadioSelect)
    sure = forms.BooleanField(label="I am sure", required=False, help_text="It can be undone.")


@authorization.page_view("keep own account")
def components(request: Request) -> HttpResponse:
    form = SampleForm({"title": "", "at": "soon", "kind": "a"})
    pages: Page[Model] = Page(rows=[], next="here", first=False)
    shown = {"form": form, "states": STATES, "kinds": KINDS, "pages": pages}
    return render(request, "console/frame/components/living.html", shown)


urlpatterns: list[URLPattern] = [] if settings.ENV.production else [path("components", components, name="components")]
