"""What every adapter is given besides its own settings: the way out, and the house's shelf."""

from __future__ import annotations

from django.conf import settings

from scheduler.channels.contract import Given
from scheduler.channels.network import Network
from scheduler.house import HouseShelf


def given() -> Given:
    return Given(network=Network(settings.PRIVATE_ADDRESSES), shelf=HouseShelf())
