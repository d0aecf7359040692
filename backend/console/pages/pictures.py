"""Pictures that content may use, each with the words that describe it."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
