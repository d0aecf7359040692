"""Runs one consumer: the queue's threads and the dispatcher."""

from __future__ import annotations

import signal
import sys
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand

from scheduler.engine import tasks
from scheduler.engine.dispatcher import Dispatcher
from scheduler.engine.queue import huey
from scheduler.engine.sending import DEADLINE, SLACK

SWITCH = 0.0005
"""Seconds after which a thread that computes lets another one go on. Ours mostly wait, for the database and for
channels: at Python's own 5 ms each answer would wait for that long too."""


class Command(BaseCommand):
    requires_system_checks = []  # they cost a second at every start; `make lint` and the tests run them
    help = "Publish what is due until stopped. SIGTERM or Ctrl-C: claim no more, finish what is being sent, end."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        log = structlog.get_logger("promenade.scheduler")
        sys.setswitchinterval(SWITCH)
        consumer = huey.create_consumer(
            workers=settings.WORKER_THREADS,
            periodic=False,
            graceful_signal="TERM",
            shutdown_timeout=DEADLINE + SLACK,
        )
        consumer._signal_actions[signal.SIGINT] = (False, True)  # huey would drop running sends on the other signal
        dispatcher = Dispatcher(stop=consumer.stop_flag, threads=settings.WORKER_THREADS)
        dispatcher.start()
        log.info("worker started", name=tasks.WORKER_NAME, threads=settings.WORKER_THREADS)
        consumer.run()
        dispatcher.join(timeout=DEADLINE + SLACK)
        log.info("worker stopped", name=tasks.WORKER_NAME)
