"""Events: what people can come to."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
