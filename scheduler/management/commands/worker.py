"""Runs one consumer: the queue's threads and the dispatcher."""

from __future__ import annotations

import sys
from typing import Any

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from huey.consumer import Consumer

from scheduler.engine import tasks
from scheduler.engine.dispatcher import Dispatcher
from scheduler.engine.queue import huey
from scheduler.engine.sending import DEADLINE, SLACK
from scheduler.installation import start_check

SWITCH = 0.0005
"""Seconds after which a thread that computes lets another one go on. Ours mostly wait, for the database and for
channels: at Python's own 5 ms each answer would wait for that long too."""


class PatientConsumer(Consumer):
    """Finishes what is being sent, by whichever signal and however often it is asked to end: huey would drop it at the
    second one."""

    def _handle_signal(self, signum: int, _: object) -> None:
        self._signum, self._graceful = signum, True


class Command(BaseCommand):
    requires_system_checks = []  # they cost a second at every start; `make lint` and the tests run them
    help = "Publish what is due until stopped. SIGTERM or Ctrl-C: claim no more, finish what is being sent, end."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        log = structlog.get_logger("promenade.scheduler")
        try:
            start_check.check_unless_away()
        except start_check.StartRefused as refused:
            raise CommandError(f"Promenade cannot start. {refused}") from None
        sys.setswitchinterval(SWITCH)
        consumer = PatientConsumer(
            huey,
            workers=settings.WORKER_THREADS,
            periodic=False,
            shutdown_timeout=DEADLINE + SLACK,
        )
        dispatcher = Dispatcher(stop=consumer.stop_flag, threads=settings.WORKER_THREADS)
        dispatcher.start()
        log.info("worker started", name=tasks.WORKER_NAME, threads=settings.WORKER_THREADS)
        consumer.run()
        dispatcher.join(timeout=DEADLINE + SLACK)
        log.info("worker stopped", name=tasks.WORKER_NAME)
