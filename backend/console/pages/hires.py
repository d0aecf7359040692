"""Hires: who was taken on, from what, and which were taken back."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
