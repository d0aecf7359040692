"""What became of a publication, in plain words: what happened, what the machine is doing, what a person may do, and
when the machine looks again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from backend.accounts.models import User
from backend.console.frame import authorization
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
GIVE_UP = Action("cancel_publication", "Cancel", asks=True)
TAKEN_DOWN = Action("mark_taken_down", "Mark as taken down")
TAKE_DOWN_NOW = Action("mark_taken_down", "Mark as taken down", main=True)

WAITS_FOR_YOU = "Nothing happens until you act."
# While it is held: what the machine is doing, and what a person may do.
HELD: dict[Reason, tuple[str, str]] = {
    Reason.NOT_APPROVED: ("It will be published once the content is approved.", "Have the content approved."),
    Reason.PAUSED: (
        "It will wait until the hold ends.",
        "End the hold on the Publishing page when you are ready.",
    ),
    Reason.NOT_CONNECTED: (
        "It will be published once the channel is connected.",
        "Post it yourself and mark it as published, or ask an administrator to connect the channel.",
    ),
    Reason.NEEDS_SIGN_IN: (
        "It will be published once the channel works again.",
        "Ask an administrator to fix the problem.",
    ),
    Reason.CANNOT_DECRYPT: (
        "It will be published once the channel is connected again.",
        "Ask an administrator to connect the channel again.",
    ),
    Reason.CHANNEL_INACTIVE: (
        "It will be published once the channel is in use again.",
        "Set the channel to “in use”, or cancel the post.",
    ),
    Reason.POST_BY_HAND: (
        WAITS_FOR_YOU,
        "Copy the text, pictures and link from the post’s page, post it yourself, then mark it as published.",
    ),
    Reason.AUDIENCE: (WAITS_FOR_YOU, "Cancel it, or schedule the content on a staff channel."),
    Reason.PRICE_CAP: (
        "It will be published once the cap is raised.",
        "Ask an administrator to raise the cap, or release it next month.",
    ),
    Reason.DOES_NOT_FIT: (
        "It will be published once a text that fits is approved.",
        "Change the text or pictures so they fit, then have it approved.",
    ),
    Reason.CANNOT_COMPOSE: (
        "It will be published once the content is approved again.",
        "Fix the content, then have it approved.",
    ),
    Reason.LATE: (WAITS_FOR_YOU, "Release it if it is still relevant, move it, or cancel it."),
    Reason.HELD_BY_HAND: (WAITS_FOR_YOU, "Release it when it can be published, move it, or cancel it."),
}


def explain_status(row: Publication, now: datetime) -> StatusExplanation:
    """Reads content, the channel with its connection and, where it is sent, its takedown."""
    return _TELLERS[P(row.state)](row, now)


def explain_status_to(user: User, row: Publication, now: datetime) -> StatusExplanation:
    """The same with those buttons that this person may press."""
    found = explain_status(row, now)
    return replace(
        found, actions=[action for action in found.actions if authorization.has_permission(user, action.act)]
    )


def _scheduled(row: Publication, now: datetime) -> StatusExplanation:
    you = [CHANGE, RESCHEDULE, HOLD, CANCEL, *_marking(row, PUBLISHED)]
    if row.tries:
        tried = "We tried once" if row.tries == 1 else f"We tried {row.tries} times"
        known = "it may be live" if row.reason_code == Reason.SENT_AGAIN else "it is not live"
        said = f"{tried} and {known}. {row.reason}".strip()
        return StatusExplanation(said, "We will try again.", "You do not need to do anything.", row.due_at, you)
    if row.deferred_until and row.deferred_until > now:
        return StatusExplanation(
            row.reason, "It will be published when quiet hours end.", next_step_at=row.deferred_until, actions=you
        )
    if row.content.state != ContentState.APPROVED:
        return StatusExplanation(
            "It is scheduled, but its content is not approved yet.",
            "If it is not approved by then, it will be put on hold.",
            "Get the content approved before then.",
            row.due_at,
            you,
        )
    if _is_posted_manually(row):
        machine = "When it is due, it is put on hold for someone to post."
        return StatusExplanation("It is scheduled and approved.", machine, next_step_at=row.due_at, actions=you)
    if row.due_at <= now:
        return StatusExplanation(
            "It is due.", "It will be published as soon as the channel's rate limit allows.", actions=you
        )
    return StatusExplanation(
        "It is scheduled and approved.",
        "It will be published at its scheduled time.",
        next_step_at=row.due_at,
        actions=you,
    )


def _marking(row: Publication, marking: Action) -> list[Action]:
    """Only what is approved is published, by hand too."""
    return [marking] if row.content.state == ContentState.APPROVED else []


def _is_posted_manually(row: Publication) -> bool:
    """Whether the engine will hold it for a person, because nothing sends to its channel."""
    adapter = find_adapter_class(getattr(row.channel, "connection", None))
    return adapter is None or adapter.abilities.manual


def _sending(row: Publication, now: datetime) -> StatusExplanation:  # noqa: ARG001 - the tellers' shape
    return StatusExplanation(
        f"It is being sent to {row.channel.name} right now.",
        "We wait up to 20 seconds for a reply. If there is none, we check whether it is live.",
        "You do not need to do anything. You cannot change it right now.",
        row.lease_until,
    )


def _unknown(row: Publication, now: datetime) -> StatusExplanation:  # noqa: ARG001
    name = row.channel.name
    happened = f"{name} did not reply. It may be live. {row.reason}".strip()
    you = [FOUND_BY_YOU if row.needs_person else FOUND, SEND_AGAIN, GIVE_UP]
    if row.needs_person:
        return StatusExplanation(
            happened,
            "We cannot check this, and will not send it again until you answer.",
            f"Check {name}, then say whether it is there.",
            actions=you,
        )
    return StatusExplanation(
        happened,
        "We are checking, and will not send it again until we know.",
        f"Wait, or check {name} yourself and say whether it is there.",
        row.due_at,
        you,
    )


def _failed(row: Publication, now: datetime) -> StatusExplanation:  # noqa: ARG001
    said = row.reason or "No reason was recorded."
    return StatusExplanation(
        f"It is not live. {said}",
        WAITS_FOR_YOU,
        "Fix the problem, then try again, or cancel it.",
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
        you = f"Ask an administrator to connect the channel again, or take it down on {row.channel.name} yourself."
        return StatusExplanation(row.reason, "We will then take it down.", you, actions=[TAKE_DOWN_NOW])
    if row.needs_person:
        return StatusExplanation(
            row.reason, WAITS_FOR_YOU, f"Take it down on {row.channel.name}.", actions=[TAKE_DOWN_NOW]
        )
    takedown = getattr(row, "takedown", None)
    if takedown is not None and takedown.due_at is not None:
        said = f"{row.reason} {takedown.message}".strip()
        return StatusExplanation(
            said, "We are taking it down, and will try again if the channel refuses.", next_step_at=takedown.due_at
        )
    return StatusExplanation(row.reason or "It was published.", actions=[TAKEN_DOWN])


def _cancelled(row: Publication, now: datetime) -> StatusExplanation:  # noqa: ARG001
    return StatusExplanation(f"It was cancelled and will not be published. {row.reason}".strip())


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
