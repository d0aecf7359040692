"""Every address of the house: the API for programs, the console for staff, the site for everyone."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
