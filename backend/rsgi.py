"""What the web server is told to serve: `granian --interface rsgi backend.rsgi:application`."""

from __future__ import annotations

from django.conf import settings

from backend.gateway import Gateway
from backend.wsgi import application as wsgi  # first: it sets Django up

from backend.notifications.tasks import WorkerWatch  # isort: skip

application = Gateway(wsgi, threads=settings.ENV.web_threads)
WorkerWatch().start()
