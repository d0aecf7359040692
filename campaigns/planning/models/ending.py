from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import models


class EarlyEnd(models.TextChoices):
    """How a vacancy or an event ended before its time."""

    NO = "", "No"
    CANCELLED = "cancelled", "Cancelled"
    FILLED = "filled", "Filled"
    CLOSED = "closed", "Closed early"


EARLY_WORDS: dict[str, str] = {
    EarlyEnd.CANCELLED: "This event is cancelled.",
    EarlyEnd.FILLED: "This job has been filled.",
    EarlyEnd.CLOSED: "This job closed early.",
}


@dataclass(frozen=True)
class Ending:
    """When the time of a content ends, and whether it ended before that. Most content has no end."""

    at: datetime | None = None
    ended_words: str = ""
    """What is said from then on."""
    early: str = EarlyEnd.NO

    def is_over(self, now: datetime) -> bool:
        return bool(self.early) or (self.at is not None and self.at <= now)

    def words(self, now: datetime) -> str:
        """That it has ended, in one sentence, the same wherever it is read; empty while it has not."""
        if self.early:
            return EARLY_WORDS[self.early]
        return self.ended_words if self.is_over(now) else ""


WORDS_THEN = {"vacancy": "This job has closed.", "event": "This event is over."}


def ending_of(*, kind: str, at: datetime | None, early: str) -> Ending:
    """The ending of a content of this kind, wherever its columns are kept."""
    return Ending(at, WORDS_THEN[kind], early) if kind in WORDS_THEN else Ending()
