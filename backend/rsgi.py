"""What the web server is told to serve: `granian --interface rsgi backend.rsgi:application`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.conf import settings

from backend.gateway import Gateway
from backend.wsgi import application as wsgi

# isort: split
from backend.site.http.response_cache import ResponseCache  # it asks models, which are ready only now

threads = ThreadPoolExecutor(settings.ENV.web_threads, thread_name_prefix="web")
application = Gateway(wsgi, threads=threads, cache=ResponseCache(threads))
