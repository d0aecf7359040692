"""What each worker does every so often beside publishing. Whoever has such work registers it when Django starts; every
worker does all of it, so it is safe when several do it at one moment, and can be stopped in the middle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

HOURLY = 3600.0  # seconds


@dataclass(frozen=True)
class Chore:
    name: str
    every: float
    """Seconds between two times. The first is at the worker's start."""
    work: Callable[[], object]


_registered: dict[str, Chore] = {}


def register(name: str, *, every: float, work: Callable[[], object]) -> None:
    """Have `work` done by every worker, at its start and then every so many seconds. The same name again takes the
    place of the one before."""
    _registered[name] = Chore(name, every, work)


def registered() -> list[Chore]:
    return list(_registered.values())
