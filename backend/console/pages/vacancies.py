"""Vacancies: posts to be filled, with their closing dates."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
