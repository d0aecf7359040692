"""Django, loaded whole before the first request, so that none pays for it. Served by way of backend.rsgi."""

from __future__ import annotations

import os
import sys

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from backend.startup import wait_until_prepared

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
application = get_wsgi_application()

from scheduler.installation import start_check  # noqa: E402 - it asks models, which are ready only now

get_resolver().url_patterns  # noqa: B018 - reading it imports every page and resource
wait_until_prepared()
try:
    start_check.check_unless_away()
except start_check.StartRefused as refused:
    sys.exit(f"Promenade cannot start. {refused}")
