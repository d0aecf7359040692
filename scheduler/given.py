"""What every adapter is given besides its own settings: the way out, the house's shelf, and its channel's mailroom."""

from __future__ import annotations

from django.conf import settings

from scheduler.channels.contract import Given
from scheduler.house import HouseShelf
from scheduler.mailroom import ChannelMailroom
from scheduler.net.network import Network


def given(channel_id: int = 0) -> Given:
    network = Network(settings.PRIVATE_ADDRESSES)
    return Given(network=network, shelf=HouseShelf(), mailroom=ChannelMailroom(channel_id))
