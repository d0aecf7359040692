"""`python -m tests.chaos`: POSTS, KILLS, SEED, CONSUMERS, DATABASE_URL and REDIS_URL from the environment; SHORT=1 for
the form that CI runs, BASELINE=0 without the negative control. Exit code 1 when an invariant breaks, or when the
baseline passes."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.chaos import report
from tests.chaos.campaign import Campaign
from tests.chaos.checker import Verdict, judge
from tests.chaos.evidence import collect
from tests.chaos.failpoints import Failpoints
from tests.chaos.house import house, migrate, open_channels, schedule, write_entries
from tests.chaos.network import ACCOUNTS
from tests.chaos.nursery import Consumers
from tests.chaos.plan import DOZES, FAILPOINTS, Options, Plan, make_plan
from tests.servers.running import running

IN_ANY_DESIGN = ("after_attempt", "during_send", "after_send")
PATIENCE = 30.0
"""Seconds without anything that settles, after the last fault; what is left then is stuck."""
BASELINE_PATIENCE = 15.0
REACHED = 5
"""How often each failpoint must have killed, where it was armed that often."""
BREACHES_SHOWN = 20


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM):  # also in the background, where a shell has SIGINT ignored
        signal.signal(number, _stop)
    options = Options.from_environment()
    file = Path(tempfile.gettempdir()) / f"promenade-chaos-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.jsonl"
    report.say(f"chaos: {options}, on {_place()}")
    with house() as folder, running("tests.chaos.network", folder / "network") as address:
        engine = Consumers(folder, "engine")  # imports while the database is prepared
        try:
            migrate()
            holds = _engine(options, folder, address, engine, file)
        finally:
            engine.close()
        control = _baseline(options, folder, address, file) if options.baseline_posts else None
    report.say(f"report: {file}")
    if control is not None:
        report.say(control.line)
    report.say(holds.line)
    return 0 if holds.good and (control is None or control.good) else 1


def _stop(number: int, _: Any) -> None:
    """Nothing stays behind: consumers, server, database and queue go with the campaign."""
    sys.exit(128 + number)


class Result:
    def __init__(self, line: str, good: bool) -> None:
        self.line = line
        self.good = good


def _place() -> str:
    database = "PostgreSQL" if os.environ.get("DATABASE_URL") else "SQLite"
    return f"{database} and {'Redis' if os.environ.get('REDIS_URL') else 'a queue in a file'}"


def _engine(options: Options, folder: Path, address: str, consumers: Consumers, file: Path) -> Result:
    from campaigns.planning.models import Publication
    from campaigns.planning.models import PublicationState as State

    def left() -> int:
        waiting = Publication.objects.filter(state__in=[State.SCHEDULED, State.SENDING, State.UNKNOWN])
        return waiting.exclude(state=State.UNKNOWN, needs_person=True).count()

    plan = make_plan(posts=options.posts, kills=options.kills, seed=options.seed)
    campaign, verdict = _carry_out(
        "engine", plan, options, folder, address, consumers, file, left=left, patience=PATIENCE
    )
    armed = [action.which for action in plan.actions if action.what in ("arm", "doze")]
    hits = Failpoints(folder / "engine").hits()
    missed = [name for name in FAILPOINTS + DOZES if hits[name] < min(REACHED, armed.count(name))]
    report.say(f"  {report.punctuality(verdict)}")
    report.say(f"  reached: {', '.join(f'{name} {hits[name]}' for name in FAILPOINTS + DOZES)}")
    complaints = campaign.complaints + [f"Nobody came often enough by {name}." for name in missed]
    for sentence in [*[breach.sentence for breach in verdict.breaches][:BREACHES_SHOWN], *complaints]:
        report.say(f"  {sentence}")
    kills = campaign.done["kills"]
    line = f"chaos: {options.posts} publications, {kills} kills: {verdict.in_words()}"
    return Result(line, verdict.holds and not complaints)


def _baseline(options: Options, folder: Path, address: str, file: Path) -> Result:
    from tests.chaos import baseline

    posts, kills = options.baseline_posts, options.baseline_kills
    consumers = Consumers(folder, "naive")
    plan = make_plan(posts=posts, kills=kills, seed=options.seed, failpoints=IN_ANY_DESIGN)
    try:
        campaign, verdict = _carry_out(
            "naive",
            plan,
            options,
            folder,
            address,
            consumers,
            file,
            left=baseline.left,
            patience=BASELINE_PATIENCE,
            before=baseline.schedule_all,
        )
    finally:
        consumers.close()
    line = f"baseline: {posts} publications, {campaign.done['kills']} kills: {verdict.in_words()}"
    if verdict.holds:
        line += " – it should have failed, so this campaign proves nothing"
    return Result(line, not verdict.holds)


def _carry_out(
    design: str,
    plan: Plan,
    options: Options,
    folder: Path,
    address: str,
    consumers: Consumers,
    file: Path,
    *,
    left: Any,
    patience: float,
    before: Any = None,
) -> tuple[Campaign, Verdict]:
    channels = open_channels(design, ACCOUNTS, address)
    entries = write_entries(design, len(plan.due))
    consumers.wait_until_ready()
    start = time.time() + 1.5 + len(entries) / (2000 if before is None else 100)
    schedule(entries, channels, plan.due, datetime.fromtimestamp(start, UTC))
    if before is not None:
        before()
    for slot in range(options.consumers):
        consumers.start(slot)
    campaign = Campaign(
        plan,
        seed=options.seed,
        address=address,
        accounts=[channel.slug for channel in channels],
        consumers=consumers,
        failpoints=Failpoints(folder / design),
        left=left,
        patience=patience,
    )
    if time.time() > start:
        campaign.complaints.append("The publications were written too late for the first of them to be on time.")
    campaign.run(start, design)
    evidence = collect(design=design, network=folder / "network", calm_until=start + plan.calm)
    verdict = judge(evidence)
    report.write(file, design, evidence, verdict, {"options": vars(options), "done": campaign.done})
    return campaign, verdict


if __name__ == "__main__":
    sys.exit(main())
