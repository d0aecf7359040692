"""What the model of a publication's states is made of: workers that stand still at each step, and a channel's far side.

A worker is a thread, but only one runs at a time, on the test's own connection: the model says who goes on.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar

import time_machine
from django.db import connections
from django.utils import timezone

from campaigns.planning.models import ContentState, Pause, Publication
from campaigns.planning.services.timing import quiet_periods
from scheduler.channels.contract import Abilities, CannotRead, Draft, NotSent, OutcomeUnknown, Payload, Receipt
from scheduler.engine.models import Attempt
from tests.scheduler.conftest import Told
from tests.scheduler.engine.truths import Broken, must

OVER = "over"
SENDING_STEPS = ["composing", "composed", "begun", "calling", "answered"]
LOOKING_STEPS = ["looking", "read"]
SETTLING = 30.0
"""Longer than two looks are apart, so that looking too early is seen."""
HICCUP = timedelta(seconds=4)
"""For how long a channel may once not show a post that is settled. Two looks are further apart."""
FOR_EVER = timedelta(days=1)


class Killed(BaseException):
    """kill -9."""


class Clock:
    """Time that passes, for the wall and for the machine that sleeps."""

    def __init__(self, start: datetime) -> None:
        self.travel = time_machine.travel(start, tick=False)
        self.wall = self.travel.start()
        self.boot = 0.0

    def passes(self, time: timedelta) -> None:
        self.wall.shift(time)
        self.boot += time.total_seconds()

    def reaches(self, moment: datetime) -> None:
        self.passes(max(timedelta(0), moment - timezone.now()))


@dataclass(frozen=True)
class Call:
    """How a call to the channel goes: what the worker is told, and whether the post was accepted."""

    answer: str
    accepts: bool
    lag: timedelta = timedelta(0)


ANSWERS: dict[str, Callable[[], Exception]] = {
    "refused": lambda: NotSent("Busy."),
    "refused for a time": lambda: NotSent("Too many posts.", code="rate_limited", retry_after=60),
    "refused for good": lambda: NotSent("Against their rules.", permanent=True),
    "refused sign-in": lambda: NotSent("Sign in again.", code="needs_sign_in", permanent=True),
    "no answer": lambda: OutcomeUnknown("It did not answer."),
    "an error without a name": ZeroDivisionError,
}


@dataclass
class Post:
    receipt: Receipt
    shows_from: datetime
    missed_until: datetime | None = None


@dataclass
class FarSide:
    """What the channels have accepted, by tracked link: a channel publishes on every call, the same key or not."""

    clock: Clock
    posts: defaultdict[str, list[Post]] = field(default_factory=lambda: defaultdict(list))
    readable: bool = True
    hiccup: bool = False

    def accept(self, link: str, lag: timedelta = timedelta(0)) -> Receipt:
        number = sum(map(len, self.posts.values())) + 1
        receipt = Receipt(str(number), f"https://told.example/{number}")
        self.posts[link].append(Post(receipt, timezone.now() + lag))
        must(len(self.posts[link]) == 1, "It went out twice.")
        return receipt

    def find(self, link: str) -> Receipt | None:
        if not self.readable:
            raise CannotRead("It does not answer.")
        post, now = next(iter(self.posts[link]), None), timezone.now()
        if post is None or post.shows_from > now:
            return None
        if self.hiccup and post.missed_until is None:
            post.missed_until = now + HICCUP
        return None if post.missed_until and now < post.missed_until else post.receipt


class Worker(threading.Thread):
    """Carries out one message of the queue, and stands still at each step until the model lets it go on."""

    def __init__(self, publication_id: int, work: Callable[[], object], call: Call | None = None) -> None:
        super().__init__(daemon=True)
        self.publication_id, self.work, self.call = publication_id, work, call
        self.connection = connections["default"]
        self.at, self.fence, self.begun_at = "", 0, 0.0
        self.receipt: Receipt | None = None
        self.killed = False
        self.error: BaseException | None = None
        self.mine, self.models = threading.Semaphore(0), threading.Semaphore(0)

    def run(self) -> None:
        connections["default"] = self.connection
        try:
            self.mine.acquire()
            self.work()
        except Killed:
            pass
        except BaseException as error:
            self.error = error
        self.at = OVER
        self.models.release()

    def stand(self, step: str) -> None:
        self.at = step
        self.models.release()
        self.mine.acquire()
        if self.killed:
            raise Killed

    def step(self) -> None:
        """Let it work until it next stands still, or has ended."""
        if self.at == OVER:
            return
        if self.ident is None:
            self.start()
        self.mine.release()
        assert self.models.acquire(timeout=60), f"A worker hangs after {self.at!r}."
        if isinstance(self.error, Broken):
            raise AssertionError(str(self.error)) from self.error
        if self.error is not None:
            raise self.error

    def kill(self) -> None:
        self.killed = True
        self.step()


def here() -> Worker:
    worker = threading.current_thread()
    assert isinstance(worker, Worker)
    return worker


class Modelled(Told):
    """A channel that can be read back."""

    kind: ClassVar[str] = "modelled"
    abilities: ClassVar[Abilities] = Abilities(reads_back=True, deletes=True, settling=SETTLING)
    far: ClassVar[FarSide]

    def compose(self, draft: Draft) -> Payload:
        payload = Payload(text=draft.text, length=len(draft.text), limit=None, body={"link": draft.link})
        worker = threading.current_thread()
        if not isinstance(worker, Worker) or worker.at == "read":  # what a person has posted, or was found, is noted
            return payload
        row = Publication.objects.select_related("content").get(pk=worker.publication_id)
        must(row.content.state == ContentState.APPROVED, "What is not approved was made ready to go out.")
        must(quiet_periods.quiet_time_of(row.channel_id, timezone.now()) is None, "It was made ready in quiet hours.")
        worker.stand("composing")
        return payload

    def send(self, payload: Payload, *, key: str, timeout: float) -> Receipt:
        worker = here()
        row = Publication.objects.get(pk=worker.publication_id)
        must(key == str(row.key), "The key changed on the way.")
        must(row.state == "sending" and row.fence == worker.fence, "A call for what is another's.")
        must(row.attempts.filter(fence=row.fence, outcome="").exists(), "A call without a written attempt.")
        ends = timezone.now() + timedelta(seconds=timeout)
        must(row.lease_until and row.lease_until >= ends, "The call can outlive its lease.")
        worker.stand("calling")
        return self._answer(worker, payload.body["link"], timeout)

    def _answer(self, worker: Worker, link: str, timeout: float) -> Receipt:
        """A channel never says that it refused what it accepted. What comes after the deadline is not accepted."""
        assert worker.call is not None
        call, clock = worker.call, self.far.clock
        in_time = clock.boot - worker.begun_at <= timeout
        if call.accepts and in_time:
            worker.receipt = self.far.accept(link, call.lag)
        worker.stand("answered")
        if call.answer in ANSWERS:
            failure = ANSWERS[call.answer]()
            raise failure
        if worker.receipt is None:
            raise OutcomeUnknown("It did not answer in time.")
        return worker.receipt

    def find(self, *, key: str, link: str, timeout: float) -> Receipt | None:
        worker = here()
        last = Attempt.objects.filter(publication=worker.publication_id).last()
        settled = last is None or last.started_at + timedelta(seconds=SETTLING) <= timezone.now()
        must(settled, "It was looked for before it could show.")
        worker.stand("looking")
        receipt = self.far.find(link)
        worker.stand("read")
        return receipt


class Blind(Modelled):
    """A channel that cannot be read back: a person has to look."""

    kind: ClassVar[str] = "modelled blind"
    abilities: ClassVar[Abilities] = Abilities(reads_back=False, deletes=False, settling=0.0)

    def find(self, *, key: str, link: str, timeout: float) -> Receipt | None:
        raise Broken("A channel that cannot be read was read.")


def boot_seconds() -> float:
    """Asked by a worker before it writes the attempt, and again before it calls: it may fall asleep at both."""
    worker, clock = here(), Modelled.far.clock
    if worker.at == "composing":
        worker.stand("composed")
    else:
        row = Publication.objects.get(pk=worker.publication_id)
        must(not Pause.objects.over(row).exists(), "It began during a pause.")
        worker.begun_at = clock.boot
        worker.stand("begun")
    return clock.boot
