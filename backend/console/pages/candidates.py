"""Candidates: where each stands, and where they heard of us."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
