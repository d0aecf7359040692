"""One loop in every consumer: claims what is due, hands it to the queue, and keeps house."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import structlog
from django.db import Error as DatabaseError
from django.db import close_old_connections
from django.db.models import Sum
from django.utils import timezone

from campaigns.bulletins import subscriptions
from campaigns.hiring import visits
from campaigns.planning.services import publications, recurrences
from scheduler import claims, mail, reconcile, restore
from scheduler.health import SILENT_AFTER
from scheduler.models import Worker
from scheduler.queue import huey
from scheduler.sending import DEADLINE
from scheduler.tasks import WORKER_NAME, look, send

SLEEP_AT_MOST = 0.25  # seconds
SLEEP_BUSY = 0.02
"""Seconds to sleep while this worker's threads have work: about as long as the quickest sends take."""
RECENT = 5.0
"""Seconds for which a claim is remembered, to be given back at a stop if no worker has begun it."""

log = structlog.get_logger("promenade.scheduler")


class Dispatcher(threading.Thread):
    """Runs until the stop flag is set, then gives back what no worker has begun. Errors of the database are waited
    out: the rows are the truth, so the next turn finds whatever this one missed."""

    def __init__(self, *, stop: threading.Event, threads: int) -> None:
        super().__init__(name="dispatcher", daemon=True)
        self.stop = stop
        self.threads = threads
        self.at_once = max(1, threads // 2)
        """Of all workers' threads, how many one channel may keep busy: half, so that it never delays another."""
        self.looked_for_restore = False
        self.postman = mail.Postman(stop=stop)
        self.recent: list[tuple[float, claims.Claim]] = []
        self.chores: list[tuple[float, Callable[[], object]]] = [
            (5.0, self._beat),
            (1.0, reconcile.give_up_lost_workers),
            (1.0, self._look),
            (1.0, self.postman.wake),
            (5.0, mail.give_up_lost_letters),
            (30.0, lambda: publications.cancel_ended(now=timezone.now())),
            (60.0, lambda: recurrences.plan_ahead(now=timezone.now())),
            (3600.0, lambda: visits.destroy_old_salts(now=timezone.now())),
            (3600.0, lambda: subscriptions.forget_unconfirmed(now=timezone.now())),
        ]
        self.done_at = [float("-inf")] * len(self.chores)

    def run(self) -> None:
        wait = 0.0
        while not self.stop.wait(wait):
            try:
                wait = self.turn()
            except DatabaseError as error:
                log.warning("the database does not answer; trying again", error=type(error).__name__)
                close_old_connections()
                wait = 1.0
            except Exception:  # a dispatcher that dies would stop all publishing while the process looks alive
                log.exception("the dispatcher stumbled; trying again")
                close_old_connections()
                wait = 1.0
        self._give_back()
        self.postman.join(DEADLINE)
        close_old_connections()

    def turn(self) -> float:
        """One round. Returns the seconds to sleep until the next."""
        if not self.looked_for_restore:
            restore.freeze_if_restored()
            self.looked_for_restore = True
        self._keep_house()
        free = 2 * self.threads - huey.pending_count()
        if free < self.threads // 2:  # with so few at a time, claiming would cost more than sending
            return SLEEP_BUSY
        until = claims.seconds_until_due()
        if until is None or until > 0:
            return SLEEP_AT_MOST if until is None else min(SLEEP_AT_MOST, until)
        claimed = claims.claim_due(limit=free, at_once=self.at_once)
        now = time.monotonic()
        self.recent = [(at, claim) for at, claim in self.recent if now - at < RECENT]
        for claim in claimed:
            self.recent.append((now, claim))
            send(claim.publication_id, claim.fence)
        # Due, but its channel has all that it may: ours will be done soon, another worker's is not ours to watch.
        return SLEEP_BUSY if self.recent else SLEEP_AT_MOST

    def _keep_house(self) -> None:
        now = time.monotonic()
        for number, (every, chore) in enumerate(self.chores):
            if now - self.done_at[number] >= every:
                self.done_at[number] = now
                try:
                    chore()
                except DatabaseError:
                    raise
                except (
                    Exception
                ):  # one chore that always fails must not keep the others, or publishing, from being done
                    log.exception("a chore failed", chore=getattr(chore, "__name__", "chore"))

    def _beat(self) -> None:
        now = timezone.now()
        if not Worker.objects.filter(name=WORKER_NAME).update(seen_at=now):
            Worker.objects.create(name=WORKER_NAME, started_at=now, seen_at=now, threads=self.threads)
        alive = Worker.objects.filter(seen_at__gt=now - SILENT_AFTER).aggregate(threads=Sum("threads"))["threads"]
        self.at_once = max(1, (alive or self.threads) // 2)
        restore.count_on()
        Worker.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()

    def _look(self) -> None:
        for publication_id in reconcile.due_looks(limit=self.threads):
            look(publication_id)

    def _give_back(self) -> None:
        try:
            returned = claims.give_back([claim for _, claim in self.recent])
            Worker.objects.filter(name=WORKER_NAME).delete()
        except DatabaseError:
            log.warning("claims could not be given back; their lease ends by itself")
        else:
            log.info("dispatcher stopped", given_back=returned)
