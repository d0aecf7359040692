"""What comes again and again is one entry an hour, with how often it came and until when.

Compose saves while somebody types, and a stranger may fail to sign in as often as they like: an entry for each would
bury what the trail is read for, and let anyone fill the disk. So an entry that gathers stands for one hour of the same
row, the same person and the same act. Of an edit it tells the way from what was there at first to what is there now,
and it ends where somebody else has written in between, so that nobody's words stand under another's name. Of failed
sign-ins it tells each reason apart. An account so has a few entries an hour, and all unknown accounts together have
one: never more than there are threads, where they come at the same moment.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction

from backend.audit.models import LogEntry
from scheduler.engine import statements

SITTING = timedelta(hours=1)
LOOKED_AT = 20
"""How many entries of the row, the latest first, are asked whether they go on."""


@transaction.atomic
def gather(entry: LogEntry) -> None:
    """Write an entry that is attributed already, or let the one that it goes on with tell it too."""
    now = entry.timestamp
    same_row = LogEntry.objects.filter(content_type_id=entry.content_type_id, object_pk=entry.object_pk)
    for earlier in same_row.order_by("-id")[:LOOKED_AT]:
        if earlier.until is None or not earlier.timestamp <= now < earlier.timestamp + SITTING:
            continue
        changes = _joined(earlier.changes, entry.changes) if _is_same_act(earlier, entry) else None
        if changes is not None and LogEntry.objects.extend(earlier, changes=changes, until=now):
            return
    entry.until = now
    statements.write([entry])


def _is_same_act(earlier: LogEntry, entry: LogEntry) -> bool:
    names = ("actor_id", "api_key_id", "through", "action", "event")
    return all(getattr(earlier, name) == getattr(entry, name) for name in names)


def _joined(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any] | None:
    """The same again, or each field from its first value to its last; None where the later does not begin where the
    earlier ended."""
    if earlier == later:
        return earlier
    if any(name in earlier and earlier[name][1] != old for name, (old, _) in later.items()):
        return None
    ends = {name: [earlier.get(name, [old])[0], new] for name, (old, new) in later.items()}
    return earlier | ends
