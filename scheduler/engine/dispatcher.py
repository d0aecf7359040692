"""One loop in every consumer: claims what is due, hands it to the queue, and runs the chores."""

from __future__ import annotations

import threading
import time
from datetime import timedelta

import structlog
from django.db import close_old_connections, connection
from django.db.models import Sum
from django.utils import timezone

from scheduler.connections import renewal
from scheduler.engine import chores, publication_claims, queue, reconcile
from scheduler.engine.chores import Chore
from scheduler.engine.health import SILENT_AFTER
from scheduler.engine.models import Worker
from scheduler.engine.queue import huey
from scheduler.engine.sending import DEADLINE
from scheduler.engine.tasks import WORKER_NAME, deliver, maintain_connection, read_back, send, take_down
from scheduler.errors import DATABASE_ERRORS
from scheduler.installation import restore_detection
from scheduler.leases.database_clock import ClockWatch
from scheduler.mail import delivery as mail
from scheduler.posts import takedown
from scheduler.webhooks import deliveries

SLEEP_AT_MOST = 0.25  # seconds
SLEEP_BUSY = 0.02
"""Seconds to sleep while this worker's threads have work: about as long as the quickest sends take."""
TROUBLE = 1.0
"""Seconds between tries while the database or the queue is away."""
RECENT = 5.0
"""Seconds for which a claim is remembered, to be given back at a stop if no worker has begun it."""

log = structlog.get_logger("promenade.scheduler")


class Dispatcher(threading.Thread):
    """Runs until the stop flag is set, then gives back what no worker has begun. Errors of database and queue
    are waited out: the rows are the truth, so the next turn finds whatever this one missed."""

    def __init__(self, *, stop: threading.Event, threads: int) -> None:
        super().__init__(name="dispatcher", daemon=True)
        self.stop = stop
        self.threads = threads
        self.at_once = max(1, threads // 2)
        """Of all workers' threads, how many one channel may keep busy: half, so that it never delays another."""
        self.looked_for_restore = False
        self.mail_worker = mail.MailWorker(stop=stop, before_batch=restore_detection.increment)
        self.recent: list[tuple[float, publication_claims.Claim]] = []
        self.chores = [
            Chore("heartbeat", 5.0, self._record_heartbeat),
            Chore("mend_times", 10.0, reconcile.mend_times),
            Chore("take_down", 3.0, self._take_down),
            Chore("maintain_connections", 60.0, self._maintain_connections),
            Chore("reconcile", 1.0, self._reconcile),
            Chore("deliver", 2.0, self._deliver),
            Chore("wake_mail_worker", 2.0, self.mail_worker.wake),
            *chores.registered(),
        ]
        self.done_at = [float("-inf")] * len(self.chores)
        self.clock = ClockWatch()
        self.trouble: tuple[str, float] | None = None

    def run(self) -> None:
        wait = 0.0
        while not self.stop.wait(wait):
            wait = self._turn_or_wait()
        self._give_back()
        self.mail_worker.join(DEADLINE)
        close_old_connections()

    def _turn_or_wait(self) -> float:
        try:
            wait = self.turn()
        except queue.ERRORS as error:
            self._in_trouble("the queue cannot be used", error)
        except DATABASE_ERRORS as error:
            self._in_trouble("the database cannot be used", error)
            connection.close()  # the next one may find another server, or one that takes writes again
        except Exception:  # a dispatcher that dies would stop all publishing while the process looks alive
            log.exception("the dispatcher stumbled; trying again")
            close_old_connections()
        else:
            self._out_of_trouble()
            return wait
        return TROUBLE

    def _in_trouble(self, what: str, error: Exception) -> None:
        """Said once, however long it lasts."""
        if self.trouble is None or self.trouble[0] != what:
            self.trouble = what, time.monotonic()
            log.warning(f"{what}; publishing waits for it", error=(str(error).splitlines() or [""])[0])

    def _out_of_trouble(self) -> None:
        if self.trouble is not None:
            log.warning("publishing goes on", after=self.trouble[0], seconds=round(time.monotonic() - self.trouble[1]))
            self.trouble = None

    def turn(self) -> float:
        """One round. Returns the seconds to sleep until the next."""
        if not self.looked_for_restore:
            restore_detection.freeze_if_restored()
            self.looked_for_restore = True
        self._run_chores()
        free = 2 * self.threads - huey.pending_count()
        if free < self.threads // 2:  # with so few at a time, claiming would cost more than sending
            return SLEEP_BUSY
        until = publication_claims.seconds_until_due()
        if until is None or until > 0:
            return SLEEP_AT_MOST if until is None else min(SLEEP_AT_MOST, until)
        claimed = publication_claims.claim_due(limit=free, at_once=self.at_once)
        now = time.monotonic()
        self.recent = [(at, claim) for at, claim in self.recent if now - at < RECENT]
        for claim in claimed:
            self.recent.append((now, claim))
            send(claim.publication_id, claim.fence)
        # Due, but its channel has all that it may: ours will be done soon, another worker's is not ours to watch.
        return SLEEP_BUSY if self.recent else SLEEP_AT_MOST

    def _run_chores(self) -> None:
        now = time.monotonic()
        for number, chore in enumerate(self.chores):
            if now - self.done_at[number] >= chore.every:
                self.done_at[number] = now
                try:
                    chore.work()
                except (*DATABASE_ERRORS, *queue.ERRORS):
                    self.done_at[number] = float("-inf")
                    raise
                # One chore that always fails must not keep the others, or publishing, from being done.
                except OSError as error:
                    log.warning("a chore failed", chore=chore.name, error=str(error))
                except Exception:
                    log.exception("a chore failed", chore=chore.name)

    def _record_heartbeat(self) -> None:
        now = timezone.now()
        if not Worker.objects.filter(name=WORKER_NAME).update(seen_at=now):
            Worker.objects.create(name=WORKER_NAME, started_at=now, seen_at=now, threads=self.threads)
        # A worker that was lost before the clock was set back would seem alive until the clock has caught up.
        Worker.objects.filter(seen_at__gt=now + SILENT_AFTER).update(seen_at=now)
        alive = Worker.objects.filter(seen_at__gt=now - SILENT_AFTER).aggregate(threads=Sum("threads"))["threads"]
        self.at_once = max(1, (alive or self.threads) // 2)
        restore_detection.increment()
        Worker.objects.filter(seen_at__lt=now - timedelta(days=1)).delete()

    def _reconcile(self) -> None:
        """Not while the clock was set a moment ago: leases and waits may have ended before their time."""
        if self.clock.steady_for(reconcile.certainly_over()):
            reconcile.give_up_lost_workers()
            self._read_back_due()

    def _read_back_due(self) -> None:
        for publication_id in reconcile.claim_due_reads(limit=self.threads):
            read_back(publication_id)

    def _take_down(self) -> None:
        for publication_id in takedown.due(limit=self.threads):
            take_down(publication_id)

    def _maintain_connections(self) -> None:
        for connection_id in renewal.due(limit=2):
            maintain_connection(connection_id)

    def _deliver(self) -> None:
        """Webhooks keep a quarter of all workers' threads busy at most, so that they never delay publishing."""
        for turn in deliveries.claim_due(at_once=max(1, self.at_once // 2)):
            deliver(turn.endpoint_id, turn.fence)

    def _give_back(self) -> None:
        try:
            returned = publication_claims.give_back([claim for _, claim in self.recent])
            Worker.objects.filter(name=WORKER_NAME).delete()
        except DATABASE_ERRORS:
            log.warning("claims could not be given back; their lease ends by itself")
        else:
            log.info("dispatcher stopped", given_back=returned)
