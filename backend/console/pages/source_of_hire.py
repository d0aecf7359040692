"""Source of hire: which channel, team or campaign hires came from, down to the rows."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
