"""How an act is done in a test: what stands before it, what it is called with, and what the trail says afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Act:
    prepare: Callable[[Any], dict[str, Any]]
    """Brings about what must be there, and returns what the act is called with; it is given who acts."""
    kind: str
    """Of the row that the trail names, in one word as Django has it."""
    done: str
    """create, update, delete, or the event."""
    anonymous: bool = False
    """Nobody has signed in: a visitor acts."""
    refused: bool = False
    """It comes to nothing, which is what the trail tells."""
