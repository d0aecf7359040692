"""Publication states, and the reasons for them: one list, and one table of what follows from each reason."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.db import models


class PublicationState(models.TextChoices):
    SCHEDULED = "scheduled", "Scheduled"
    SENDING = "sending", "Sending"
    SENT = "sent", "Sent"
    UNKNOWN = "unknown", "Outcome unknown"
    FAILED = "failed", "Failed"
    HELD = "held", "On hold"
    CANCELLED = "cancelled", "Cancelled"
    WITHDRAWN = "withdrawn", "Withdrawn"


WAITING = (PublicationState.SCHEDULED, PublicationState.HELD)
"""Not gone out yet, and still meant to."""
STILL_TO_GO = (*WAITING, PublicationState.FAILED)
"""What goes out, or may go out, as it stands now; of all others, what went out is told."""


class Reason(models.TextChoices):
    """Each with the short words for lists. Whoever moves a publication names one; an adapter's own code stands beside
    it in `channel_code`."""

    NOT_APPROVED = "not_approved", "The content is not approved"
    PAUSED = "paused", "Publishing is on hold"
    LATE = "late", "It is too late"
    AUDIENCE = "audience", "It is for staff, and everyone can read the channel"
    CHANNEL_INACTIVE = "channel_inactive", "The channel is no longer in use"
    NOT_CONNECTED = "not_connected", "The channel is not connected"
    NEEDS_SIGN_IN = "needs_sign_in", "The channel's access token was not accepted"
    CANNOT_DECRYPT = "cannot_decrypt", "The channel's access token cannot be read"
    POST_BY_HAND = "post_by_hand", "Someone posts it manually"
    PRICE_CAP = "price_cap", "It would go over the price cap"
    DOES_NOT_FIT = "does_not_fit", "It does not fit the channel"
    CANNOT_COMPOSE = "cannot_compose", "The post could not be created"
    HELD_BY_HAND = "held_by_hand", "Someone put it on hold"

    QUIET = "quiet", "The channel has quiet hours"
    NOT_TAKEN = "not_taken", "The channel did not accept it"
    SENT_AGAIN = "sent_again", "It is being sent again with the same key"
    NOT_FOUND = "not_found", "It is not on the channel"

    NO_ANSWER = "no_answer", "The channel did not reply"
    CANNOT_READ = "cannot_read", "The channel cannot be checked at the moment"
    RESTORED = "restored", "It was due after the backup was made"
    CANNOT_LOOK = "cannot_look", "Only you can see if it is live"

    REFUSED_BY_CHANNEL = "refused_by_channel", "The channel refused it"
    TRIED_TOO_OFTEN = "tried_too_often", "It was tried too many times"

    READ_BACK = "read_back", "It was found on the channel"
    PUBLISHED_BY_HAND = "published_by_hand", "It was published manually"
    TAKING_DOWN = "taking_down", "It is being taken down"
    STILL_LIVE = "still_live", "It is still live"

    CANCELLED_BY_HAND = "cancelled_by_hand", "Someone cancelled it"
    TAKEN_DOWN_BY_HAND = "taken_down_by_hand", "Someone took it down"
    CONTENT_WITHDRAWN = "content_withdrawn", "The content was withdrawn"
    CONTENT_ARCHIVED = "content_archived", "The content was archived"
    CONTENT_ENDED = "content_ended", "The job has closed or the event is over"
    RECURRENCE_ENDED = "recurrence_ended", "Its repeating post has ended"


class Remedy(StrEnum):
    """What clears a reason."""

    NOTHING = "nothing"
    """It is over."""
    TIME = "time"
    """The engine tries again by itself."""
    LOOK = "look"
    """The engine looks on the channel by itself."""
    APPROVAL = "approval"
    PAUSE_END = "pause_end"
    CONNECTION = "connection"
    """A connection that works: made, signed in, found well by a check."""
    HIGHER_CAP = "higher_cap"
    CHANNEL_USE = "channel_use"
    PERSON = "person"
    """Somebody decides about this one post."""


P = PublicationState


@dataclass(frozen=True)
class ReasonFacts:
    remedy: Remedy
    needs_person_in: tuple[PublicationState, ...] = ()
    """Where it stands in these states, nothing happens until somebody acts."""
    settled_in: tuple[PublicationState, ...] = ()
    """Where it stands in these, nobody has to do anything."""
    releasable: bool = False
    """Releasing what is held for it leads anywhere but back."""


REASONS: dict[Reason, ReasonFacts] = {
    # A post that fell due and did not go out asks for somebody, also where all it lacks is an approval.
    Reason.NOT_APPROVED: ReasonFacts(Remedy.APPROVAL, needs_person_in=(P.HELD,)),
    # Whoever paused publishing has decided, and the pause itself stands on top of the pages.
    Reason.PAUSED: ReasonFacts(Remedy.PAUSE_END, settled_in=(P.HELD, P.CANCELLED)),
    Reason.LATE: ReasonFacts(Remedy.PERSON, needs_person_in=(P.HELD,), settled_in=(P.CANCELLED,), releasable=True),
    Reason.AUDIENCE: ReasonFacts(Remedy.PERSON, needs_person_in=(P.HELD,)),
    Reason.CHANNEL_INACTIVE: ReasonFacts(Remedy.CHANNEL_USE, needs_person_in=(P.HELD,)),
    Reason.NOT_CONNECTED: ReasonFacts(Remedy.CONNECTION, needs_person_in=(P.HELD,)),
    Reason.NEEDS_SIGN_IN: ReasonFacts(Remedy.CONNECTION, needs_person_in=(P.HELD, P.SENT), settled_in=(P.SCHEDULED,)),
    Reason.CANNOT_DECRYPT: ReasonFacts(Remedy.CONNECTION, needs_person_in=(P.HELD,)),
    Reason.POST_BY_HAND: ReasonFacts(Remedy.PERSON, needs_person_in=(P.HELD,)),
    Reason.PRICE_CAP: ReasonFacts(Remedy.HIGHER_CAP, needs_person_in=(P.HELD,), releasable=True),
    Reason.DOES_NOT_FIT: ReasonFacts(Remedy.APPROVAL, needs_person_in=(P.HELD,), releasable=True),
    Reason.CANNOT_COMPOSE: ReasonFacts(Remedy.APPROVAL, needs_person_in=(P.HELD,), releasable=True),
    Reason.HELD_BY_HAND: ReasonFacts(Remedy.PERSON, needs_person_in=(P.HELD,), releasable=True),
    Reason.QUIET: ReasonFacts(Remedy.TIME, settled_in=(P.SCHEDULED,)),
    Reason.NOT_TAKEN: ReasonFacts(Remedy.TIME, settled_in=(P.SCHEDULED,)),
    Reason.SENT_AGAIN: ReasonFacts(Remedy.TIME, settled_in=(P.SCHEDULED,)),
    Reason.NOT_FOUND: ReasonFacts(Remedy.TIME, settled_in=(P.SCHEDULED,)),
    Reason.NO_ANSWER: ReasonFacts(Remedy.LOOK, settled_in=(P.UNKNOWN,)),
    Reason.CANNOT_READ: ReasonFacts(Remedy.LOOK, settled_in=(P.UNKNOWN,)),
    Reason.RESTORED: ReasonFacts(Remedy.LOOK, settled_in=(P.UNKNOWN,)),
    Reason.CANNOT_LOOK: ReasonFacts(Remedy.PERSON, needs_person_in=(P.UNKNOWN,)),
    Reason.REFUSED_BY_CHANNEL: ReasonFacts(Remedy.PERSON, needs_person_in=(P.FAILED,)),
    Reason.TRIED_TOO_OFTEN: ReasonFacts(Remedy.PERSON, needs_person_in=(P.FAILED,)),
    Reason.READ_BACK: ReasonFacts(Remedy.NOTHING, settled_in=(P.SENT,)),
    Reason.PUBLISHED_BY_HAND: ReasonFacts(Remedy.NOTHING, settled_in=(P.SENT,)),
    Reason.TAKING_DOWN: ReasonFacts(Remedy.TIME, settled_in=(P.SENT,)),
    Reason.STILL_LIVE: ReasonFacts(Remedy.PERSON, needs_person_in=(P.SENT,)),
    Reason.CANCELLED_BY_HAND: ReasonFacts(Remedy.NOTHING, settled_in=(P.CANCELLED,)),
    Reason.TAKEN_DOWN_BY_HAND: ReasonFacts(Remedy.NOTHING, settled_in=(P.WITHDRAWN,)),
    Reason.CONTENT_WITHDRAWN: ReasonFacts(Remedy.NOTHING, settled_in=(P.CANCELLED, P.WITHDRAWN)),
    Reason.CONTENT_ARCHIVED: ReasonFacts(Remedy.NOTHING, settled_in=(P.CANCELLED,)),
    Reason.CONTENT_ENDED: ReasonFacts(Remedy.NOTHING, settled_in=(P.CANCELLED,)),
    Reason.RECURRENCE_ENDED: ReasonFacts(Remedy.NOTHING, settled_in=(P.CANCELLED,)),
}
SPEAKS_FOR_ITSELF = (P.SCHEDULED, P.SENDING, P.SENT)
"""States that need no reason."""


def needs_person(state: str, reason: Reason | None) -> bool:
    """Whether nothing more happens to a publication in this state until somebody acts. Raises ValueError for a reason
    that does not belong to the state: such a row would be told to nobody."""
    if reason is None and state in SPEAKS_FOR_ITSELF:
        return False
    facts = REASONS[reason] if reason is not None else ReasonFacts(Remedy.NOTHING)
    if state in facts.needs_person_in:
        return True
    if state in facts.settled_in:
        return False
    raise ValueError(f"{reason or 'No reason'} does not say why a publication is {state}.")


def cleared_by(remedy: Remedy) -> list[Reason]:
    return [reason for reason, facts in REASONS.items() if facts.remedy == remedy]
