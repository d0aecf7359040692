"""An adapter that does what a test tells it, at the network's edge, and what stands on its far side."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from pydantic import BaseModel

from campaigns.planning.models import Publication
from scheduler.channels.contract import Abilities, AdapterContext, Draft, Health, Payload, Receipt


@dataclass
class Remote:
    """What stands on the far side: the posts that were accepted, and how the next calls go."""

    posts: dict[str, str] = field(default_factory=dict)
    sends: list[str] = field(default_factory=list)
    answers: list[Exception | Callable[[], None]] = field(default_factory=list)
    accepts_before_failing: bool = False
    cannot_read: Exception | None = None
    deletions: list[Exception] = field(default_factory=list)
    """What the next calls to take something down meet."""
    seen_attempts: list[int] = field(default_factory=list)
    health: Health = field(default_factory=lambda: Health(ok=True, account="told", message=""))
    """What it says of the connection when it is checked."""


class Told:
    """An adapter that answers what `remote.answers` says, and accepts when that is empty."""

    kind: ClassVar[str] = "told"
    label: ClassVar[str] = "Told"
    reaches: ClassVar[str] = "public"
    abilities: ClassVar[Abilities] = Abilities(reads_back=True, deletes=True, settling=0.0)
    remote: ClassVar[Remote] = Remote()

    class Settings(BaseModel):
        pass

    class Secrets(BaseModel):
        pass

    def __init__(self, settings: BaseModel, secrets: BaseModel, context: AdapterContext) -> None:
        pass

    def compose(self, draft: Draft) -> Payload:
        return Payload(text=draft.text, length=len(draft.text), limit=None, body={"text": draft.text})

    def send(self, payload: Payload, *, key: str, timeout: float) -> Receipt:
        remote = Told.remote
        remote.sends.append(key)
        remote.seen_attempts.append(Publication.objects.get(key=key).attempts.filter(outcome="").count())
        answer = remote.answers.pop(0) if remote.answers else None
        if answer is None or remote.accepts_before_failing:
            remote.posts.setdefault(key, payload.text)
        if callable(answer):
            answer()
        elif answer is not None:
            raise answer
        return Receipt(key, f"https://told.example/{key}")

    def find(self, *, key: str, link: str, timeout: float) -> Receipt | None:
        if Told.remote.cannot_read:
            raise Told.remote.cannot_read
        return Receipt(key, f"https://told.example/{key}") if key in Told.remote.posts else None

    def delete(self, receipt: Receipt, *, timeout: float) -> None:
        if Told.remote.deletions:
            raise Told.remote.deletions.pop(0)
        Told.remote.posts.pop(receipt.remote_id, None)

    def check(self, *, timeout: float) -> Health:
        return Told.remote.health
