"""The blog: entries in Markdown, with the page beside the text."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
