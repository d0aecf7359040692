"""API keys: which program acts under which role."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
