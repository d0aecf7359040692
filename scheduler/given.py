"""What every adapter is given besides its own settings: the way out, the house's shelf, and its channel's mailroom."""

from __future__ import annotations

from django.conf import settings

from scheduler.channels.contract import AdapterContext
from scheduler.house import OwnSitePublisher
from scheduler.mailroom import ChannelMailroom
from scheduler.net.network import Network


def adapter_context(channel_id: int = 0) -> AdapterContext:
    network = Network(settings.PRIVATE_ADDRESSES)
    return AdapterContext(network=network, publisher=OwnSitePublisher(), mailroom=ChannelMailroom(channel_id))
