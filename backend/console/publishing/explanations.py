"""What became of a publication, in plain words: what happened, what the machine is doing, what a person may do, and
when the machine looks again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from backend.accounts.models import User
from backend.console.frame import gate
from campaigns.planning.models import REASONS, ContentState, Publication, PublicationState, Reason
from scheduler.connections.services import find_adapter_class

P = PublicationState


@dataclass(frozen=True)
class Action:
    """A button, or where `asks` a page with a question first. `name` is an address, and the act unless `does` names
    another."""

    name: str
    label: str
    asks: bool = False
    main: bool = False
    does: str = ""

    @property
    def act(self) -> str:
        return (self.does or self.name).replace("_", " ")


@dataclass(frozen=True)
class StatusExplanation:
    happened: str
    machine: str = ""
    you: str = ""
    next_step_at: datetime | None = None
    actions: list[Action] = field(default_factory=list)


RELEASE = Action("release_publication", "Release", main=True)
CHANGE = Action("change_publication", "Change", asks=True)
HOLD = Action("hold_publication", "Hold", asks=True)
RESCHEDULE = Action("move_publication", "Move to another time", asks=True, does="reschedule_publication")
CANCEL = Action("cancel_publication", "Cancel", asks=True)
PUBLISHED = Action("mark_published", "Mark as published", asks=True)
POSTED = Action("mark_published", "Mark as published", asks=True, main=True)
RETRY = Action("retry_publication", "Try again", main=True)
SEND_AGAIN = Action("retry_publication", "It is not there: send it again")
FOUND = Action("mark_published", "It is there: mark as published", asks=True)
FOUND_BY_YOU = Action("mark_published", "It is there: mark as published", asks=True, main=True)
GIVE_UP = Action("cancel_publication", "Give it up", asks=True)
TAKEN_DOWN = Action("mark_taken_down", "Mark as taken down")
TAKE_DOWN_NOW = Action("mark_taken_down", "Mark as taken down", main=True)

WAITS_FOR_YOU = "Nothing happens until you act."
# While it is held: what the machine is doing, and what a person may do.
HELD: dict[Reason, tuple[str, str]] = {
    Reason.NOT_APPROVED: ("It goes out by itself once the content is approved.", "Have the content approved."),
    Reason.PAUSED: (
        "It waits for the end of the hold.",
        "End the hold on the page Publishing when publishing may go on.",
    ),
    Reason.NOT_CONNECTED: (
        "It goes out by itself once the channel is connected.",
        "Post it by hand and mark it as published, or have an administrator connect the channel.",
    ),
    Reason.NEEDS_SIGN_IN: (
        "It goes out by itself once a check finds the channel well, or it is connected again.",
        "Have an administrator fix the problem.",
    ),
    Reason.CANNOT_DECRYPT: (
        "It goes out by itself once the channel is connected again.",
        "Have an administrator connect the channel again.",
    ),
    Reason.CHANNEL_INACTIVE: (
        "It goes out by itself once the channel is used again.",
        "Use the channel again, or cancel this.",
    ),
    Reason.POST_BY_HAND: (
        WAITS_FOR_YOU,
        "Copy its text, pictures and link from its own page, post it, then mark it as published.",
    ),
    Reason.AUDIENCE: (WAITS_FOR_YOU, "Cancel it, or plan the content for a channel that only staff read."),
    Reason.PRICE_CAP: (
        "It goes out by itself once the cap is raised.",
        "Have the cap raised, or release it next month.",
    ),
    Reason.DOES_NOT_FIT: (
        "It goes out by itself once a text that fits is approved.",
        "Change its text or pictures so that they fit, and have it approved.",
    ),
    Reason.CANNOT_COMPOSE: (
        "It goes out by itself once the content is approved anew.",
        "Fix the content, and have it approved.",
    ),
    Reason.LATE: (WAITS_FOR_YOU, "Release it if it still fits, move it, or cancel it."),
    Reason.HELD_BY_HAND: (WAITS_FOR_YOU, "Release it when it may go out, move it, or cancel it."),
}


def explain_status(row: Publication, now: datetime) -> StatusExplanation:
    """Reads content, the channel with its connection and, where it is sent, its takedown."""
    return _TELLERS[P(row.state)](row, now)


def explain_status_to(user: User, row: Publication, now: datetime) -> StatusExplanation:
    """The same with those buttons that this person may press."""
    found = explain_status(row, now)
    return replace(found, actions=[action for action in found.actions if gate.has_permission(user, action.act)])


def _scheduled(row: Publication, now: datetime) -> StatusExplanation:
    you = [CHANGE, RESCHEDULE, HOLD, CANCEL, *_marking(row, PUBLISHED)]
    if row.tries:
        tried = "It was tried once" if row.tries == 1 else f"It was tried {row.tries} times"
        known = "may be live" if row.reason_code == Reason.SENT_AGAIN else "is certainly not live"
        said = f"{tried} and {known}. {row.reason}".strip()
        return StatusExplanation(said, "It is tried again by itself.", "Nothing needs doing.", row.due_at, you)
    if row.deferred_until and row.deferred_until > now:
        return StatusExplanation(
            row.reason, "It goes out when the quiet time is over.", next_step_at=row.deferred_until, actions=you
        )
    if row.content.state != ContentState.APPROVED:
        return StatusExplanation(
            "It is planned, and its content is not approved yet.",
            "At its time it is held until somebody approves the content.",
            "Have the content approved before then.",
            row.due_at,
            you,
        )
    if _posted_by_hand(row):
        machine = "At its time it is held, and a person posts it."
        return StatusExplanation("It is planned and approved.", machine, next_step_at=row.due_at, actions=you)
    if row.due_at <= now:
        return StatusExplanation("It is due.", "It goes out as soon as the channel's pace allows.", actions=you)
    return StatusExplanation(
        "It is planned and approved.", "It goes out at its time.", next_step_at=row.due_at, actions=you
    )


def _marking(row: Publication, marking: Action) -> list[Action]:
    """Only what is approved is published, by hand too."""
    return [marking] if row.content.state == ContentState.APPROVED else []


def _posted_by_hand(row: Publication) -> bool:
    """Whether the engine will hold it for a person, because nothing sends to its channel."""
    adapter = find_adapter_class(getattr(row.channel, "connection", None))
    return adapter is None or adapter.abilities.by_hand


def _sending(row: Publication, now: datetime) -> StatusExplanation:  # noqa: ARG001 - the tellers' shape
    return StatusExplanation(
        f"It is being sent to {row.channel.name} at this moment.",
        "We wait for the answer, half a minute at most. No answer is not taken for a no.",
        "Nothing needs doing, and nothing can be changed now.",
        row.lease_until,
    )


def _unknown(row: Publication, now: datetime) -> StatusExplanation:  # noqa: ARG001
    name = row.channel.name
    happened = f"{name} did not answer. It may be live. {row.reason}".strip()
    you = [FOUND_BY_YOU if row.needs_person else FOUND, SEND_AGAIN, GIVE_UP]
    if row.needs_person:
        return StatusExplanation(
            happened,
            "We cannot find out ourselves, and nothing is sent again before you answer.",
            f"Look on {name}, then say whether it is there.",
            actions=you,
        )
    return StatusExplanation(
        happened,
        "We are looking, and nothing is sent again before we know.",
        f"Wait, or look on {name} yourself and say whether it is there.",
        row.due_at,
        you,
    )


def _failed(row: Publication, now: datetime) -> StatusExplanation:  # noqa: ARG001
    said = row.reason or "No reason was recorded."
    return StatusExplanation(
        f"It is certainly not live. {said}",
        WAITS_FOR_YOU,
        "Fix the problem, then try again; or cancel it.",
        actions=[RETRY, CHANGE, CANCEL],
    )


def _held(row: Publication, now: datetime) -> StatusExplanation:  # noqa: ARG001
    reason = Reason(row.reason_code)
    machine, you = HELD[reason]
    said = row.reason or f"{reason.label}."
    if reason in (Reason.POST_BY_HAND, Reason.NOT_CONNECTED):
        after = [*_marking(row, POSTED), CHANGE, RESCHEDULE, CANCEL]
    else:
        after = [CHANGE, RESCHEDULE, CANCEL, *_marking(row, PUBLISHED)]
    return StatusExplanation(said, machine, you, actions=[RELEASE, *after] if REASONS[reason].releasable else after)


def _sent(row: Publication, now: datetime) -> StatusExplanation:  # noqa: ARG001
    if row.reason_code == Reason.NEEDS_SIGN_IN:
        you = f"Have an administrator connect the channel again, or take it down on {row.channel.name} yourself."
        return StatusExplanation(row.reason, "It is taken down by itself after that.", you, actions=[TAKE_DOWN_NOW])
    if row.needs_person:
        return StatusExplanation(
            row.reason, WAITS_FOR_YOU, f"Take it down on {row.channel.name}.", actions=[TAKE_DOWN_NOW]
        )
    takedown = getattr(row, "takedown", None)
    if takedown is not None and takedown.due_at is not None:
        said = f"{row.reason} {takedown.message}".strip()
        return StatusExplanation(
            said, "We take it down, and try again if the channel refuses.", next_step_at=takedown.due_at
        )
    return StatusExplanation(row.reason or "It went out.", actions=[TAKEN_DOWN])


def _cancelled(row: Publication, now: datetime) -> StatusExplanation:  # noqa: ARG001
    return StatusExplanation(f"It was cancelled and will not go out. {row.reason}".strip())


def _withdrawn(row: Publication, now: datetime) -> StatusExplanation:  # noqa: ARG001
    return StatusExplanation(row.reason or "It was taken down.")


_TELLERS = {
    P.SCHEDULED: _scheduled,
    P.SENDING: _sending,
    P.UNKNOWN: _unknown,
    P.FAILED: _failed,
    P.HELD: _held,
    P.SENT: _sent,
    P.CANCELLED: _cancelled,
    P.WITHDRAWN: _withdrawn,
}
