"""Whatever people, workers, crashes and the channel do, in any order: no post goes out twice, none is forgotten.

Kept out on purpose, as the documented residual risk: a call that outlives its deadline and then still publishes, and a
read-back that lags longer than settling while the worker's own answer is lost too.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any, ClassVar

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from campaigns.planning.errors import PlanningError
from campaigns.planning.models import Channel, Content, ContentState, Pause, Publication
from campaigns.planning.services import content, pauses, publications
from scheduler import claims, connections, reconcile, sending
from scheduler.channels import registry
from scheduler.channels.contract import Abilities, CannotRead, Draft, NotSent, OutcomeUnknown, Payload, Receipt
from scheduler.models import Attempt
from tests import factories
from tests.conftest import NOW
from tests.scheduler.conftest import Told

FINAL = ("sent", "cancelled", "withdrawn")
LONGEST_WAIT = timedelta(hours=1)
"""Nothing that the engine itself puts off waits longer: back-off ends at 15 minutes."""

ANSWERS: dict[str, Callable[[], BaseException] | None] = {
    "accepted": None,
    "refused": lambda: NotSent("Busy."),
    "refused for a time": lambda: NotSent("Too many posts.", code="rate_limited", retry_after=60),
    "refused for good": lambda: NotSent("Against their rules.", permanent=True),
    "refused sign-in": lambda: NotSent("Sign in again.", code="needs_sign_in", permanent=True),
    "no answer": lambda: OutcomeUnknown("It did not answer."),
    "an error without a name": ZeroDivisionError,
    "stopped": lambda: Stopped(),
}
MAY_BE_LIVE = ["no answer", "an error without a name", "stopped"]
calls = st.sampled_from(
    [(name, False) for name in ANSWERS if name != "accepted"]
    + [("accepted", True), *((name, True) for name in MAY_BE_LIVE), ("stopped", True), ("stopped", False)]
)
"""How a call goes: the answer, and whether the channel has accepted the post."""
LATE_REFUSALS = [
    lambda: NotSent("It slept.", code="overslept", retry_after=0),
    lambda: NotSent("Busy."),
    lambda: NotSent("Against their rules.", permanent=True),
]
waits = st.sampled_from([0, 2, 26, 120, 1200])
PEOPLE = ["hold", "release", "cancel", "retry", "say_published", "publish_by_hand", "put_off"]
EDITORS = ["edit", "reword", "approve", "approve", "withdraw", "pause", "end_pause", "connect"]
one_move = st.tuples(st.sampled_from(PEOPLE + EDITORS), st.integers(0, 1))
others = [[("another_worker", 0)], [("lease_ends", 0), ("another_worker", 0)]]
anybody = st.just([]) | st.lists(one_move, min_size=1, max_size=2) | st.sampled_from(others)
"""What others do while a worker is between two steps."""


class Stopped(BaseException):
    """kill -9, or a SIGSTOP from which the worker may yet wake up."""


class Remote(Told):
    """A channel that publishes on every call that it accepts, the same key or not, and can be read back."""

    kind: ClassVar[str] = "modelled"
    abilities: ClassVar[Abilities] = Abilities(reads_back=True, deletes=True, settling=5.0)
    model: ClassVar[Engine]

    def compose(self, draft: Draft) -> Payload:
        row = Content.objects.get(title=draft.title)
        assert row.state == ContentState.APPROVED, "What is not approved was made ready to go out."
        self.model.interrupt()
        return super().compose(draft)

    def send(self, payload: Payload, *, key: str, timeout: float) -> Receipt:
        row = Publication.objects.get(key=key)
        assert row.state == "sending"
        assert row.attempts.filter(fence=row.fence, outcome="").exists(), "A call without a written attempt."
        assert row.lease_until >= timezone.now() + timedelta(seconds=timeout), "The call can outlive its lease."
        assert not Pause.objects.over(row).exists(), "A call began during a pause."
        (answer, accepts), raised = self.model.call, None
        self.model.interrupt()
        receipt = self.model.publish(row.pk) if accepts else None
        if make := ANSWERS[answer]:
            raised = make()
        if isinstance(raised, Stopped):
            self.model.stopped.append((row.attempts.get(fence=row.fence), receipt))
        if raised is not None:
            raise raised
        assert receipt is not None
        return receipt

    def find(self, *, key: str, link: str, timeout: float) -> Receipt | None:
        row, hidden = Publication.objects.get(key=key), self.model.hidden
        if hidden is None:
            raise CannotRead("It does not answer.")
        live = self.model.live[row.pk]
        self.model.interrupt()
        return live[0] if live and row.pk not in hidden else None


class Blind(Remote):
    """A channel that cannot be read back: a person has to look."""

    kind: ClassVar[str] = "modelled blind"
    abilities: ClassVar[Abilities] = Abilities(reads_back=False, deletes=False, settling=0.0)


class Engine(RuleBasedStateMachine):
    """All moves of everybody; what the channel has accepted is counted here and nowhere else."""

    claimed = Bundle("claimed")
    workers = Bundle("workers")

    def __init__(self) -> None:
        super().__init__()
        Remote.model = self
        self.clock = time_machine.travel(NOW, tick=False)
        self.now = self.clock.start()
        self.isolation = transaction.atomic()
        self.isolation.__enter__()
        self.call: tuple[str, bool] = ("accepted", True)
        self.hidden: set[int] | None = set()
        self.meanwhile: list[tuple[str, int]] = []
        self.stopped: list[tuple[Attempt, Receipt | None]] = []
        self.ids: list[int] = []
        self.live: dict[int, list[Receipt]] = {}
        self.before: dict[int, Publication] = {}
        self.written: dict[int, str] = {}

    @initialize(kinds=st.sampled_from([("modelled", "modelled"), ("modelled", "modelled blind")]), late=st.booleans())
    def two_publications_are_due(self, kinds: tuple[str, str], late: bool) -> None:
        for kind in kinds:
            row = factories.publication(
                of=factories.approved_blog_entry(),
                on=Channel.objects.get(name=kind),
                publish_at=timezone.now(),
                late_rule="hold" if late else "publish",
            )
            self.ids.append(row.pk)
            self.live[row.pk] = []

    def row(self, which: int) -> Publication:
        return Publication.objects.get(pk=self.ids[which])

    def publish(self, pk: int) -> Receipt:
        number = sum(map(len, self.live.values())) + 1
        self.live[pk].append(Receipt(str(number), f"https://told.example/{number}"))
        return self.live[pk][-1]

    def interrupt(self) -> None:
        """Others act while the worker stands between two steps."""
        moves, self.meanwhile = self.meanwhile, []
        for name, which in moves:
            self.do(name, which)

    def do(self, name: str, which: int) -> None:
        with suppress(PlanningError), transaction.atomic():
            getattr(self, name)(which)

    # Dispatchers and workers.

    @rule(target=claimed)
    def claim(self) -> Any:
        return multiple(*claims.claim_due(limit=2))

    @rule(target=workers, claim=claimed, call=calls, meanwhile=anybody)
    def send(self, claim: claims.Claim, call: tuple[str, bool], meanwhile: list[tuple[str, int]]) -> Any:
        return self._send([claim], call, meanwhile)

    @rule(target=workers, later=waits, call=calls, meanwhile=anybody)
    def claim_and_send(self, later: int, call: tuple[str, bool], meanwhile: list[tuple[str, int]]) -> Any:
        self.now.shift(timedelta(seconds=later))
        return self._send(claims.claim_due(limit=1), call, meanwhile)

    def _send(self, found: list[claims.Claim], call: tuple[str, bool], meanwhile: list[tuple[str, int]]) -> Any:
        earlier, self.call, self.meanwhile = self.call, call, meanwhile
        for claim in found:
            with suppress(Stopped):
                sending.send_publication(publication_id=claim.publication_id, fence=claim.fence, worker="model")
        self.call, self.meanwhile = earlier, []
        woken, self.stopped = self.stopped, []
        return multiple(*woken)

    @rule(claim=claimed)
    def give_back(self, claim: claims.Claim) -> None:
        claims.give_back([claim])

    @rule(worker=consumes(workers), refusal=st.none() | st.sampled_from(LATE_REFUSALS))
    def answer_late(self, worker: tuple[Attempt, Receipt | None], refusal: Callable[[], NotSent] | None) -> None:
        self.answer_worker(worker, refusal)

    def answer_worker(self, worker: tuple[Attempt, Receipt | None], refusal: Callable[[], NotSent] | None) -> None:
        """A channel that accepted never says that it refused."""
        attempt, receipt = worker
        sending.record(attempt, receipt or (refusal() if refusal else OutcomeUnknown("It did not answer.")))

    @rule(seconds=waits, house_is_kept=st.booleans())
    def time_passes(self, seconds: int, house_is_kept: bool) -> None:
        self.now.shift(timedelta(seconds=seconds))
        if house_is_kept:
            reconcile.give_up_lost_workers()

    @rule(readable=st.booleans(), dies=st.booleans(), meanwhile=anybody)
    def look(self, readable: bool, dies: bool, meanwhile: list[tuple[str, int]]) -> None:
        found = reconcile.due_looks(limit=1)
        if not dies:
            self._look(found, hidden=set() if readable else None, meanwhile=meanwhile)

    def _look(self, found: list[int], *, hidden: set[int] | None, meanwhile: Any = ()) -> None:
        self.hidden, self.meanwhile = hidden, list(meanwhile)
        for pk in found:
            reconcile.look_for(publication_id=pk)
        self.hidden, self.meanwhile = set(), []

    @rule(
        target=workers,
        worker=consumes(workers),
        lags=st.booleans(),
        call=calls,
        refusal=st.none() | st.sampled_from(LATE_REFUSALS),
    )
    def wake_up_after_others_went_on(
        self,
        worker: tuple[Attempt, Receipt | None],
        lags: bool,
        call: tuple[str, bool],
        refusal: Callable[[], NotSent] | None,
    ) -> Any:
        """Given up, looked for and sent by another one. Where read-back lagged too long, the late answer must come
        before that."""
        lags = lags and worker[1] is not None
        self.now.shift(timedelta(seconds=26))
        reconcile.give_up_lost_workers()
        for _ in range(reconcile.ABSENCES):
            self.now.shift(LONGEST_WAIT)
            self._look(reconcile.due_looks(limit=2), hidden={worker[0].publication_id} if lags else set())
        found = [] if lags else self._send(claims.claim_due(limit=1), call, []).values
        self.answer_worker(worker, refusal)
        return multiple(*found)

    def another_worker(self, _: int) -> None:
        earlier, self.call = self.call, ("accepted", True)
        for claim in claims.claim_due(limit=2):
            sending.send_publication(publication_id=claim.publication_id, fence=claim.fence, worker="another")
        self.call = earlier

    def lease_ends(self, _: int) -> None:
        self.now.shift(claims.LEASE + timedelta(seconds=0.1))

    # People. They look at the channel before they say anything about it.

    @rule(move=st.sampled_from(PEOPLE), which=st.integers(0, 1))
    def person_decides(self, move: str, which: int) -> None:
        self.do(move, which)

    @rule(move=st.sampled_from(EDITORS), which=st.integers(0, 1))
    def person_plans(self, move: str, which: int) -> None:
        self.do(move, which)

    def hold(self, which: int) -> None:
        row = self.row(which)
        held = publications.hold_publication(publication=row, by=None, reason="Wait for the photograph.")
        assert held.fence > row.fence, "A claim of before is still good."

    def release(self, which: int) -> None:
        publications.release_publication(publication=self.row(which), by=None)

    def cancel(self, which: int) -> None:
        row = self.row(which)
        assert publications.cancel_publication(publication=row, by=None).fence > row.fence

    def retry(self, which: int) -> None:
        """A failed one is certainly not live; an unknown one is looked for first."""
        row = self.row(which)
        if row.state == "failed" or not self.live[row.pk]:
            publications.retry_publication(publication=row, by=None)

    def say_published(self, which: int) -> None:
        row = self.row(which)
        if self.live[row.pk]:
            publications.mark_published(publication=row, at=timezone.now(), by=None)

    def publish_by_hand(self, which: int) -> None:
        row = self.row(which)
        if row.content.state != ContentState.APPROVED:
            return
        if row.state != "held":
            self.hold(which)
        if not self.live[row.pk]:
            self.publish(row.pk)
        publications.mark_published(publication=row, at=timezone.now(), by=None)

    def put_off(self, which: int) -> None:
        at = timezone.now() + timedelta(minutes=1)
        publications.reschedule_publication(publication=self.row(which), publish_at=at, zone="Europe/London", by=None)

    def edit(self, which: int) -> None:
        row = self.row(which).content.specific
        content.apply_changes(row, {"title": f"{row.title}!"}, by=factories.person("comms"))

    def reword(self, which: int) -> None:
        row = self.row(which)
        publications.change_publication(publication=row, wording=f"{row.wording}!", by=factories.person("comms"))

    def approve(self, which: int) -> None:
        row = self.row(which).content
        if row.state != ContentState.IN_REVIEW:
            content.submit_content(content=row, by=factories.person("comms"))
        content.approve_content(content=row, by=factories.person("approver"))

    def withdraw(self, which: int) -> None:
        content.withdraw_content(content=self.row(which).content, by=factories.person("comms"))

    def pause(self, _: int) -> None:
        pauses.start_pause(reason="A colleague has died.", by=None)

    def end_pause(self, which: int) -> None:
        for pause in Pause.objects.filter(ended_at=None):
            pauses.end_pause(pause=pause, held=(pauses.Held.RELEASE, pauses.Held.KEEP)[which], by=None)

    def connect(self, which: int) -> None:
        row = self.row(which).channel
        connections.connect_channel(channel=row, kind=row.name, settings={}, secrets={})

    # What holds after every step.

    @invariant()
    def nothing_is_live_twice(self) -> None:
        assert all(len(posts) <= 1 for posts in self.live.values())

    @invariant()
    def every_row_tells_the_truth(self) -> None:
        for row in Publication.objects.filter(pk__in=self.ids):
            live = self.live[row.pk]
            written = row.attempts.filter(outcome="sent").exists()
            if row.state == "sent":
                by_hand = row.reason_code == "by_hand"
                assert [row.remote_id] == ["" if by_hand else post.remote_id for post in live]
            elif row.state in ("scheduled", "held", "failed"):
                assert not live or written, f"It is live, and stands as {row.state}."
            before = self.before.get(row.pk, row)
            assert row.fence >= before.fence
            assert row.state == before.state or before.state not in FINAL
            assert row.key == before.key or before.key is None
            self.before[row.pk] = row

    @invariant()
    def somebody_looks_at_each_again(self) -> None:
        now = timezone.now()
        for row in Publication.objects.filter(pk__in=self.ids).exclude(state__in=FINAL):
            seen = {
                "scheduled": lambda row: (
                    row.due_at <= max(row.publish_at, now + LONGEST_WAIT) and ends(row, claims.LEASE)
                ),
                "sending": lambda row: row.lease_until and ends(row, LONGEST_WAIT),
                "unknown": lambda row: row.needs_person or row.due_at <= now + LONGEST_WAIT,
                "held": lambda row: row.reason,
                "failed": lambda row: row.needs_person and row.reason,
            }
            assert seen[row.state](row), f"Nobody looks at this {row.state} one again."

    @invariant()
    def outcomes_are_written_once(self) -> None:
        now = dict(Attempt.objects.filter(publication__in=self.ids).values_list("pk", "outcome"))
        assert now.keys() >= self.written.keys()
        assert all(now[pk] == outcome for pk, outcome in self.written.items() if outcome in ("sent", "not_sent"))
        self.written = now

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None and self.ids:
                self.all_ends_with_a_healthy_channel()
        finally:
            transaction.set_rollback(True)
            self.isolation.__exit__(None, None, None)
            self.clock.stop()

    def all_ends_with_a_healthy_channel(self) -> None:
        for _ in range(6):
            self.now.shift(LONGEST_WAIT)
            reconcile.give_up_lost_workers()
            self._look(reconcile.due_looks(limit=2), hidden=set())
            self.another_worker(0)
        for row in Publication.objects.filter(pk__in=self.ids):
            waits_for_a_person = row.state in ("held", "failed") or (row.state == "unknown" and row.needs_person)
            assert row.state in FINAL or waits_for_a_person, f"It stays {row.state} for ever."
        self.nothing_is_live_twice()
        self.every_row_tells_the_truth()


def ends(row: Publication, within: timedelta) -> bool:
    return row.lease_until is None or row.lease_until <= timezone.now() + within


@pytest.mark.django_db
def test_in_any_order_each_goes_out_once_or_waits_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    for adapter in (Remote, Blind):
        monkeypatch.setitem(registry.ADAPTERS, adapter.kind, adapter)
        row = factories.channel(name=adapter.kind, category="social")
        connections.connect_channel(channel=row, kind=adapter.kind, settings={}, secrets={})
    for role in ("comms", "approver"):
        factories.person(role)
    monkeypatch.setattr(sending, "boot_seconds", lambda: 0.0)  # a busy machine is no sleeping worker
    run_state_machine_as_test(
        Engine,
        settings=settings(
            max_examples=60,
            stateful_step_count=25,
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
