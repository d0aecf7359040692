"""A post as the record that the protocol knows: its key and its time, which follow from the publication's key, and what
in its text can be opened by a tap."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

from scheduler.channels.lib import wording

TID_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"


def sdk() -> Any:
    # Half a second, which nobody without Bluesky should wait for.
    from scheduler.channels.bluesky import client

    return client


def record_key(key: str) -> str:
    """A TID (atproto.com/specs/tid): 53 bits of microseconds, then 10 of a clock's number, in 13 characters that sort
    by time. The milliseconds are the key's own; its random bits tell apart what falls into the same one."""
    bits = uuid.UUID(key).int
    random = bits & (1 << 62) - 1
    tid = ((bits >> 80) * 1000 + (random >> 10) % 1000) << 10 | random & 0x3FF
    return "".join(TID_ALPHABET[tid >> shift & 31] for shift in range(60, -1, -5))


def created_at(key: str) -> str:
    milliseconds = uuid.UUID(key).int >> 80
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC).replace(microsecond=milliseconds % 1000 * 1000)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def facets(text: str, link: str) -> list[dict[str, Any]]:
    """What can be opened or searched for by a tap. The tracked link is among them whatever stands around it: without
    its facet it would be mere letters."""
    ours = [
        {
            "index": {"byteStart": len(text[:start].encode()), "byteEnd": len(text[:end].encode())},
            "features": [{"$type": "app.bsky.richtext.facet#link", "uri": link}],
        }
        for start, end in (wording.link_spans(text, link) if link else [])
    ]
    others = [facet for facet in sdk().facets(text) if not any(_overlap(facet, mine) for mine in ours)]
    return sorted(ours + others, key=lambda facet: int(facet["index"]["byteStart"]))


def _overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    first, second = one["index"], other["index"]
    return bool(first["byteStart"] < second["byteEnd"] and second["byteStart"] < first["byteEnd"])
