"""What planning announces upward, to those who merely hear of it: the audit trail, webhooks. What is part of the move
itself is called by the mover (live_posts). Sent inside the transaction that makes the change, so that a listener's own
writes stand or fall with it; a listener that must wait uses transaction.on_commit."""

from __future__ import annotations

from django.dispatch import Signal

# row, before, autosave: what of a row was changed, with the row as it was; whether it is saved again and again while
# somebody types
row_changed = Signal()

# content, before, after, by: what is composed for a content, as `compositions.Snapshot`; saved while somebody types
composition_changed = Signal()

# publication, before, after, by: the ids of its own pictures, in order
pictures_changed = Signal()

# content, from_state, to_state, by, comment
content_moved = Signal()

# publication, from_state, to_state, by, reason, began_at. The move to `sending` is not announced by itself, because a
# worker has more to do then: whatever ends it tells since when it was being sent. Who knows it already also says
# whether there are webhooks, so that nobody has to ask.
publication_moved = Signal()

# content, how ("cancelled" | "filled" | "closed"), by: a vacancy or an event ended before its time
content_ended = Signal()
