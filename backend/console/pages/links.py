"""Tracked links: where each leads, and how often it was opened."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
