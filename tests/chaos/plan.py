"""What a campaign is asked to do, and when: all of it follows from the seed."""

from __future__ import annotations

import os
import random
from dataclasses import dataclass, field

FAILPOINTS = (
    "after_claim",
    "after_enqueue",
    "after_attempt",
    "during_send",
    "after_send",
    "before_result_commit",
    "after_look",
    "before_look_commit",
)
"""Where a consumer can be made to kill itself; `failpoints` says what each means."""

DOZES = ("doze_after_attempt", "doze_before_record")
"""Where a worker can be made to fall asleep, longer than deadline, slack and settling together."""

KILLS_AT_FAILPOINTS = 0.7
"""Share of the kills; the others come at random moments."""
PACE = 0.8
"""Seconds from one kill to the next, on average."""
POSTS_A_SECOND = 6
BURST = 5
"""Publications that fall due at the same moment, on average: kills then find several of them on their way."""
SLEEPY, SLEEPY_AT_LEAST = 0.2, 15.0
"""The share of the time, and the seconds, in which workers sleep instead of being killed."""
BREATH = 2.0
"""Seconds between the undisturbed part and the first fault."""
PAUSE = (2.1, 2.6)
"""Seconds for which a consumer is stopped: longer than lease and the guard against late waking together, and short
enough that deadline, slack and settling still cover it. A longer one is a risk that nothing can take away."""


@dataclass(frozen=True)
class Options:
    posts: int = 5000
    kills: int = 500
    seed: int = 20181001
    consumers: int = 2
    baseline_posts: int = 300
    baseline_kills: int = 40
    """Without posts there is no baseline."""

    @classmethod
    def from_environment(cls) -> Options:
        """POSTS, KILLS, SEED, CONSUMERS; SHORT=1 for the form that CI runs; BASELINE=0 leaves the baseline out."""
        short = os.environ.get("SHORT", "0") not in ("", "0")
        plain = cls(posts=200, kills=70, baseline_posts=120, baseline_kills=16) if short else cls()
        names = {name: os.environ.get(name.upper()) or getattr(plain, name) for name in cls.__dataclass_fields__}
        if os.environ.get("BASELINE") == "0":
            names["baseline_posts"] = 0
        return cls(**{name: int(value) for name, value in names.items()})


@dataclass(frozen=True)
class Action:
    at: float
    """Seconds after the start."""
    what: str
    """`kill`, `arm`, `doze`, `pause`, `deploy` or `outage`."""
    which: str = ""


@dataclass(frozen=True)
class Plan:
    due: list[float]
    """When each publication falls due, in seconds after the start."""
    calm: float
    """Until then nothing goes wrong."""
    end: float
    actions: list[Action] = field(default_factory=list)

    @property
    def storm(self) -> float:
        return self.calm + BREATH


def make_plan(
    *,
    posts: int,
    kills: int,
    seed: int,
    failpoints: tuple[str, ...] = FAILPOINTS,
    posts_a_second: float = POSTS_A_SECOND,
) -> Plan:
    """First nothing goes wrong; then come the kills; then, with enough of them, workers that sleep: under kills this
    frequent hardly one would live to wake up."""
    chance = random.Random(seed)
    undisturbed = min(200, max(posts // 10, min(10, posts // 2)))
    calm = max(1.5, undisturbed / posts_a_second)
    start = calm + BREATH
    sleepers = kills // 5
    whole = max(5.0, (posts - undisturbed) / posts_a_second)
    killing = start, start + max(kills * PACE, whole * (1 - SLEEPY if sleepers else 1))
    sleeping = killing[1], killing[1] + max(SLEEPY * whole, SLEEPY_AT_LEAST if sleepers else 0.0) * bool(sleepers)
    bursts = [chance.uniform(start, sleeping[1]) for _ in range(max(1, (posts - undisturbed) // BURST))]
    due = [chance.uniform(0, calm) for _ in range(undisturbed)]
    due += [chance.choice(bursts) for _ in range(posts - undisturbed)]

    def some(what: str, number: int, part: tuple[float, float], names: tuple[str, ...] = ("",)) -> list[Action]:
        """Early enough in the part for something still to come by."""
        begin, end = part
        latest = begin + 0.85 * (end - begin)
        return [Action(chance.uniform(begin, latest), what, names[n % len(names)]) for n in range(number)]

    aimed = round(kills * KILLS_AT_FAILPOINTS)
    targets = [moment for moment in bursts if moment < killing[1] - 1] or [start]
    actions = some("arm", aimed, killing, failpoints) + some("doze", sleepers, sleeping, DOZES)
    actions += [Action(chance.choice(targets) + chance.uniform(0, 1), "kill") for _ in range(kills - aimed)]
    for part in (killing, sleeping):
        actions += some("pause", max(1, kills // 20), part) + some("deploy", max(1, kills // 40), part)
        actions += some("outage", max(1, round((part[1] - part[0]) / 12)), part)
    return Plan(sorted(due), calm, sleeping[1], sorted(actions, key=lambda action: action.at))
