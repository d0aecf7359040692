"""`python -m tests.real wordpress`, or `bluesky`, or `mastodon`: the campaign of tests.chaos on a real server. POSTS,
KILLS, SEED, CONSUMERS, DATABASE_URL and REDIS_URL from the environment. Exit code 1 when an invariant breaks."""

from __future__ import annotations

import argparse
import os
import sys

from tests.chaos import report
from tests.chaos.carrying_out import Setting, engine, where
from tests.chaos.house import house, migrate, stop_on_signals
from tests.chaos.nursery import Consumers
from tests.chaos.plan import Options, make_plan
from tests.real.places import PLACES, opened

SMALL = {"POSTS": "48", "KILLS": "14", "BASELINE": "0"}
POSTS_A_SECOND = 2.5
"""A real server needs the two cores as well."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=PLACES)
    kind = parser.parse_args().kind
    stop_on_signals()
    for name, value in SMALL.items():
        os.environ.setdefault(name, value)
    options = Options.from_environment()
    report.say(f"{kind}: {options}, on {where()}")
    with house() as folder, opened(kind) as place:
        setting = Setting(options, folder, place, report.new_file())
        consumers = Consumers(folder, "engine")
        try:
            migrate()
            plan = make_plan(posts=options.posts, kills=options.kills, seed=options.seed, posts_a_second=POSTS_A_SECOND)
            result = engine(kind, plan, setting, consumers)
        finally:
            consumers.close()
    report.say(f"report: {setting.file}")
    report.say(result.line)
    return 0 if result.good else 1


if __name__ == "__main__":
    sys.exit(main())
