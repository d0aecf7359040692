"""Ten thousand publications due at one moment (POSTS: another number) over ten connections that answer after 200 ms.

The pace is compared with a bare pool of as many threads that makes the same calls without a database. What an idle
worker costs is compared with one hundredth of a core.
"""

from __future__ import annotations

import os
import time

from tests.bench import engine, harness
from tests.servers.running import running

POSTS = int(os.environ.get("POSTS", "10000"))
OF_THE_LIMIT = 0.85
SHARE = 5
"""The bare pool's pace is steady, so it makes a fifth of the calls: half before and half after the engine."""
IDLE = 30.0
"""Seconds for which an idle worker is watched."""
PROMISED = 0.01
"""Of a core."""


def _measured(*, grown: bool, consumers: int) -> harness.Measured:
    folder = harness.folder("engine")
    with running("tests.bench.channel", folder) as address, engine.house(address, grown=grown) as house:
        before = engine.limit(address, POSTS // SHARE // 2, processes=consumers)
        found = engine.rush(house, POSTS, consumers=consumers)
        after = engine.limit(address, POSTS // SHARE // 2, processes=consumers)
        statements = engine.statements()
    limit = (before + after) / 2
    cost = f"{statements:.1f} statements and {found.cost:.1f} ms of a processor a post"
    late = f"lateness p50 {found.p50:.1f} s, p99 {found.p99:.1f} s, max {found.longest:.1f} s"
    return harness.Measured(
        found.pace / limit, f"{found.pace:.1f} of {limit:.1f} posts a second; {cost}; {late}; {POSTS} posts"
    )


@harness.benchmark("engine_sqlite_1", at_least=OF_THE_LIMIT)
def engine_sqlite_1() -> harness.Measured:
    return _measured(grown=False, consumers=1)


@harness.benchmark("engine_sqlite_2", at_least=OF_THE_LIMIT)
def engine_sqlite_2() -> harness.Measured:
    return _measured(grown=False, consumers=2)


@harness.benchmark("engine_grown_1", at_least=OF_THE_LIMIT)
def engine_grown_1() -> harness.Measured:
    return _measured(grown=True, consumers=1)


@harness.benchmark("engine_grown_2", at_least=OF_THE_LIMIT)
def engine_grown_2() -> harness.Measured:
    return _measured(grown=True, consumers=2)


@harness.benchmark("engine_idle", at_most=1.0)
def engine_idle() -> harness.Measured:
    """The whole worker process, with 10,000 publications that wait for a later day."""
    with running("tests.bench.channel", harness.folder("idle")) as address, engine.house(address, grown=False) as house:
        engine.wait_for_tomorrow(10_000)
        with engine.workers(house, 1) as (worker,):
            time.sleep(5)  # what a start costs is not idling
            before = engine.processor_seconds(worker)
            time.sleep(IDLE)
            cost = (engine.processor_seconds(worker) - before) / IDLE
    return harness.Measured(cost / PROMISED, f"{cost:.2%} of a core, over {IDLE:.0f} s")
