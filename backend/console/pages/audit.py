"""The audit trail: who changed what, and when."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
