"""Bulletins: their sections, as staff will read them, and their history."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
