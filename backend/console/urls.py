"""The addresses of the console, for staff."""

from __future__ import annotations

from django.urls import URLPattern, path

from backend.console import today, views

app_name = "console"
urlpatterns: list[URLPattern] = [
    path("", today.today, name="today"),
    path("private-address", today.private_address, name="private_address"),
    path("sign-in", views.SignIn.as_view(), name="sign_in"),
    path("sign-out", views.SignOut.as_view(), name="sign_out"),
]
