"""One piece of content of any kind: what it is, where it stands, where it goes, and what became of it."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
