"""The web server's way in. Everything is loaded before the first request, so that none pays for it."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from backend.startup import wait_until_prepared

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
django = get_wsgi_application()

from backend.site.http.response_cache import ResponseCache  # noqa: E402 - it asks models, which are ready only now

application = ResponseCache(django)
get_resolver().url_patterns  # noqa: B018 - reading it imports every page and resource
wait_until_prepared()
