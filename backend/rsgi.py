"""What the web server is told to serve: `granian --interface rsgi backend.rsgi:application`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from django.conf import settings

from backend.gateway import Gateway
from backend.wsgi import application as wsgi  # first: it sets Django up

# isort: split
# They ask models, which are ready only now.
from backend.notifications.tasks import WorkerWatch
from backend.site.http.response_cache import ResponseCache

threads = ThreadPoolExecutor(settings.ENV.web_threads, thread_name_prefix="web")
application = Gateway(wsgi, threads=threads, cache=ResponseCache(threads))
WorkerWatch().start()
