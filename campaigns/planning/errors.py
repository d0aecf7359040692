"""What this room refuses, with a stable code and a sentence that a communications officer can act on."""

from __future__ import annotations

from typing import Any


class PlanningError(Exception):
    """Root. `field` names what was given wrongly, where that is known."""

    code = "planning_error"

    def __init__(self, message: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        if code:
            self.code = code
        self.field = field


class InvalidPlan(PlanningError):
    """What was given cannot be planned."""

    code = "invalid"


class MoveRefused(PlanningError):
    """The row does not stand where this move starts, or somebody else was faster."""

    code = "wrong_state"


class ChangedMeanwhile(PlanningError):
    """Somebody saved another version since this one was read; `kept` is theirs."""

    code = "changed_meanwhile"

    def __init__(self, message: str, *, kept: Any) -> None:
        super().__init__(message)
        self.kept = kept


class NotAllowed(PlanningError):
    """This person may not do this to this row."""

    code = "not_allowed"
