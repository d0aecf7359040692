"""Campaigns: what each is for, its content, its budget, and what came of it."""

from __future__ import annotations

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
