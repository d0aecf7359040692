"""`python -m tests.chaos`: POSTS, KILLS, SEED, CONSUMERS, DATABASE_URL and REDIS_URL from the environment; SHORT=1 for
the form that CI runs, BASELINE=0 without the negative control. Exit code 1 when an invariant breaks, or when the
baseline passes."""

from __future__ import annotations

import sys

from tests.chaos import report
from tests.chaos.carrying_out import Result, Setting, carry_out, engine, where
from tests.chaos.house import house, migrate, stop_on_signals
from tests.chaos.nursery import Consumers
from tests.chaos.places import XNetwork
from tests.chaos.plan import Options, make_plan
from tests.servers.running import running

IN_ANY_DESIGN = ("after_attempt", "during_send", "after_send")
BASELINE_PATIENCE = 15.0


def main() -> int:
    stop_on_signals()
    options = Options.from_environment()
    report.say(f"chaos: {options}, on {where()}")
    with house() as folder, running("tests.chaos.network", folder / "network") as address:
        setting = Setting(options, folder, XNetwork(address, folder / "network"), report.new_file())
        consumers = Consumers(folder, "engine")  # imports while the database is prepared
        try:
            migrate()
            plan = make_plan(posts=options.posts, kills=options.kills, seed=options.seed)
            holds = engine("chaos", plan, setting, consumers)
        finally:
            consumers.close()
        control = _baseline(setting) if options.baseline_posts else None
    report.say(f"report: {setting.file}")
    if control is not None:
        report.say(control.line)
    report.say(holds.line)
    return 0 if holds.good and (control is None or control.good) else 1


def _baseline(setting: Setting) -> Result:
    from tests.chaos import baseline

    posts, kills = setting.options.baseline_posts, setting.options.baseline_kills
    consumers = Consumers(setting.folder, "naive")
    plan = make_plan(posts=posts, kills=kills, seed=setting.options.seed, failpoints=IN_ANY_DESIGN)
    try:
        campaign, verdict = carry_out(
            "naive",
            plan,
            setting,
            consumers,
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


if __name__ == "__main__":
    sys.exit(main())
