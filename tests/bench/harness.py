"""What all benchmarks share: registration, ratios taken side by side, the printed line, databases of a given size.

A benchmark is a function in a module `bench_*.py` beside this one, marked with `@benchmark(name, at_most=…)` or
`at_least=…`, that returns a Measured. A figure without a ratio of its own is measured against its promise
(seconds taken / seconds promised).
"""

from __future__ import annotations

import contextlib
import gc
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


class Skipped(Exception):
    """What the measurement needs is not here; the message says what."""


@dataclass(frozen=True)
class Measured:
    ratio: float
    raw: str


@dataclass(frozen=True)
class Benchmark:
    name: str
    measure: Callable[[], Measured]
    target: float
    at_most: bool

    def line(self) -> str:
        try:
            measured = self.measure()
        except Skipped as missing:
            return f"{self.name:<16} skipped: {missing}"
        holds = measured.ratio <= self.target if self.at_most else measured.ratio >= self.target
        target = f"at {'most' if self.at_most else 'least'} {self.target:.2f}"
        verdict = "holds" if holds else "falls short"
        return f"{self.name:<16} {measured.ratio:>6.2f}   {target:<13} {verdict:<12} {measured.raw}"


_registered: dict[str, Benchmark] = {}


def benchmark(
    name: str, *, at_most: float | None = None, at_least: float | None = None
) -> Callable[[Callable[[], Measured]], Callable[[], Measured]]:
    """Register under a name, with the ratio that it promises to stay under or over."""
    if (at_most is None) == (at_least is None):
        raise TypeError("Give at_most or at_least.")

    def register(measure: Callable[[], Measured]) -> Callable[[], Measured]:
        target = at_most if at_most is not None else at_least
        assert target is not None
        _registered[name] = Benchmark(name, measure, target, at_most is not None)
        return measure

    return register


def chosen(only: str) -> list[Benchmark]:
    """All benchmarks, or those of this name or whose names begin with it. Raises KeyError with a sentence."""
    found = [one for name, one in _registered.items() if name == only or name.startswith(f"{only}_") or not only]
    if not found:
        raise KeyError(f"There is no benchmark {only!r}. There are: {', '.join(_registered)}.")
    return found


@dataclass(frozen=True)
class Ratio:
    """Medians over all rounds: of the rounds' ratios, and of each side in seconds a call."""

    ratio: float
    a: float
    b: float
    lowest: float
    highest: float
    rounds: int

    def measured(self, a: str, b: str) -> Measured:
        """With raw figures in milliseconds, and the span of the rounds' ratios."""
        spread = f"{self.rounds} rounds from {self.lowest:.2f} to {self.highest:.2f}"
        return Measured(self.ratio, f"{a} {self.a * 1000:.2f} ms, {b} {self.b * 1000:.2f} ms; {spread}")


def _seconds(call: Callable[[], object], calls: int) -> float:
    """Median of `calls` timed calls, in seconds."""
    taken = []
    for _ in range(calls):
        started = time.perf_counter()
        call()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def ratio_of_medians(a: Callable[[], object], b: Callable[[], object], *, rounds: int = 9, calls: int = 10) -> Ratio:
    """How much longer a call of `a` takes than one of `b`. In every round both take their turn, the first one
    changing, so that a machine that grows busy or hot weighs on both; each is called once beforehand to warm up."""
    a(), b()
    sides: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds):
        order = (0, 1) if turn % 2 == 0 else (1, 0)
        for side in order:
            gc.collect()
            sides[side].append(_seconds((a, b)[side], calls))
    ratios = [left / right for left, right in zip(*sides, strict=True)]
    return Ratio(
        ratio=statistics.median(ratios),
        a=statistics.median(sides[0]),
        b=statistics.median(sides[1]),
        lowest=min(ratios),
        highest=max(ratios),
        rounds=rounds,
    )


def folder(name: str) -> Path:
    """A new folder in this run's data folder, removed with it."""
    return Path(tempfile.mkdtemp(prefix=f"{name}-", dir=settings.DATA_DIR))


_filled: dict[int, BaseDatabaseWrapper] = {}


def filled(publications: int) -> BaseDatabaseWrapper:
    """A connection to an SQLite file of its own, migrated and filled with that many publications; made once a run.
    Nobody has run ANALYZE there, as nobody does with people.

    Its folder is `Path(wrapper.settings_dict["NAME"]).parent` and serves as DATA_DIR of a web server or worker.
    """
    if publications not in _filled:
        from tests.bench import fill

        wrapper = connections["default"].copy()
        folder = Path(settings.DATA_DIR) / f"filled-{publications}"
        folder.mkdir()
        for secret in ("secret_key", "encryption_key"):
            (folder / secret).write_bytes((Path(settings.DATA_DIR) / secret).read_bytes())
        wrapper.settings_dict["NAME"] = folder / "promenade.sqlite3"
        _filled[publications] = wrapper
        with on(wrapper):
            call_command("migrate", interactive=False, verbosity=0)
            fill.everything(publications)
    return _filled[publications]


@contextlib.contextmanager
def on(wrapper: BaseDatabaseWrapper) -> Iterator[None]:
    """Everything inside asks this database; changing back and forth keeps both connections open."""
    before = connections["default"]
    connections["default"] = wrapper
    try:
        yield
    finally:
        connections["default"] = before
