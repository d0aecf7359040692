"""One campaign from its plan to its verdict, at whatever place it publishes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.chaos import report
from tests.chaos.campaign import Campaign
from tests.chaos.checker import Verdict, judge
from tests.chaos.evidence import collect
from tests.chaos.failpoints import Failpoints
from tests.chaos.house import open_channels, schedule, write_entries
from tests.chaos.nursery import Consumers
from tests.chaos.places import Place
from tests.chaos.plan import DOZES, FAILPOINTS, Options, Plan

PATIENCE = 30.0
"""Seconds without anything that settles, after the last fault; what is left then is stuck."""
REACHED = 5
"""How often each failpoint must have killed, where it was armed that often."""
BREACHES_SHOWN = 20


@dataclass(frozen=True)
class Result:
    line: str
    good: bool


@dataclass(frozen=True)
class Setting:
    """What the campaigns of one installation share."""

    options: Options
    folder: Path
    place: Place
    file: Path
    """Takes the report."""


def where() -> str:
    database = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    return f"{database} and {'Redis' if os.environ.get('REDIS_URL') else 'a queue in a file'}"


def engine(name: str, plan: Plan, setting: Setting, consumers: Consumers) -> Result:
    """`name` begins the line that says how it went."""
    from campaigns.planning.models import Publication
    from campaigns.planning.models import PublicationState as State

    def left() -> int:
        waiting = Publication.objects.filter(state__in=[State.SCHEDULED, State.SENDING, State.UNKNOWN])
        return waiting.exclude(state=State.UNKNOWN, needs_person=True).count()

    campaign, verdict = carry_out("engine", plan, setting, consumers, left=left, patience=PATIENCE)
    armed = [action.which for action in plan.actions if action.what in ("arm", "doze")]
    hits = Failpoints(setting.folder / "engine").hits()
    missed = [each for each in FAILPOINTS + DOZES if hits[each] < min(REACHED, armed.count(each))]
    found = Publication.objects.filter(state=State.SENT, reason_code="read_back").count()
    report.say(f"  {report.punctuality(verdict)}")
    report.say(f"  found again by reading back: {found}")
    report.say(f"  reached: {', '.join(f'{each} {hits[each]}' for each in FAILPOINTS + DOZES)}")
    complaints = campaign.complaints + [f"Nobody came often enough by {each}." for each in missed]
    if not found:
        complaints.append("Nothing had to be found by reading back, so this campaign proves little.")
    for sentence in [*[breach.sentence for breach in verdict.breaches][:BREACHES_SHOWN], *complaints]:
        report.say(f"  {sentence}")
    line = f"{name}: {len(plan.due)} publications, {campaign.done['kills']} kills: {verdict.in_words()}"
    return Result(line, verdict.holds and not complaints)


def carry_out(
    design: str,
    plan: Plan,
    setting: Setting,
    consumers: Consumers,
    *,
    left: Callable[[], int],
    patience: float,
    before: Callable[[], None] | None = None,
) -> tuple[Campaign, Verdict]:
    accounts = setting.place.accounts(design)
    channels = open_channels(design, accounts)
    entries = write_entries(design, len(plan.due))
    consumers.wait_until_ready()
    start = time.time() + 1.5 + len(entries) / (2000 if before is None else 100)
    schedule(entries, channels, plan.due, datetime.fromtimestamp(start, UTC))
    if before is not None:
        before()
    for slot in range(setting.options.consumers):
        consumers.start(slot)
    campaign = Campaign(
        plan,
        seed=setting.options.seed,
        faults=setting.place.faults,
        accounts=accounts,
        consumers=consumers,
        failpoints=Failpoints(setting.folder / design),
        left=left,
        patience=patience,
    )
    if time.time() > start:
        campaign.complaints.append("The publications were written too late for the first of them to be on time.")
    campaign.run(start, design)
    evidence = collect(design=design, place=setting.place, calm_until=start + plan.calm)
    verdict = judge(evidence)
    report.write(setting.file, design, evidence, verdict, {"options": vars(setting.options), "done": campaign.done})
    return campaign, verdict
