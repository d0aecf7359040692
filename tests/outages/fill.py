"""Makes a database with posts for tomorrow: `python -m tests.outages.fill ADDRESS COUNT`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.chaos.house import migrate, open_channels, schedule, write_entries
from tests.chaos.places import XNetwork

ACCOUNTS = ("plain", "simple")
"""Channels that take the same text twice, so that a second post is seen."""
DESIGN = "outage"
TOMORROW = timedelta(days=1)


def fill(address: str, count: int) -> None:
    migrate()
    network = XNetwork(address, folder=Path())
    accounts = [account for account in network.accounts(DESIGN) if account.name in ACCOUNTS]
    channels = open_channels(DESIGN, accounts)
    schedule(write_entries(DESIGN, count), channels, [0.0] * count, datetime.now(UTC) + TOMORROW)
    _link()


def _link() -> None:
    """As planning one by one does."""
    from campaigns.planning.models import Publication
    from scheduler.posts.drafts import link_of

    for publication in Publication.objects.with_content():
        link_of(publication)


if __name__ == "__main__":
    fill(sys.argv[1], int(sys.argv[2]))
