"""Every address of the house: the API for programs, the console for staff, the site for everyone."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from backend.api.api import api
from backend.console.channels.sign_in_callback import sign_in_callback

handler404 = "backend.site.not_found.not_found"
handler500 = "backend.database_away.on_uncaught"
urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("oauth/callback", sign_in_callback, name="sign_in_callback"),
    path("console/", include("backend.console.urls")),
    path("", include("backend.site.urls")),
]
