"""The addresses of the console, for staff: those of each family of pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from backend.console import views
from backend.console.pages import settings, today

app_name = "console"
urlpatterns: list[URLPattern] = [
    *today.urlpatterns,
    *settings.urlpatterns,
    path("sign-in", views.SignIn.as_view(), name="sign_in"),
    path("sign-out", views.SignOut.as_view(), name="sign_out"),
]
