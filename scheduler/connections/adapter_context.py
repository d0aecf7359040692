"""What every adapter gets besides its own settings: the network, our own pages, and its channel's mail queue."""

from __future__ import annotations

from django.conf import settings

from scheduler.channels.contract import AdapterContext
from scheduler.mail.queue import ChannelMailQueue
from scheduler.net.network import Network
from scheduler.posts.own_site import OwnSitePublisher


def adapter_context(channel_id: int = 0) -> AdapterContext:
    network = Network(settings.PRIVATE_ADDRESSES)
    return AdapterContext(network=network, publisher=OwnSitePublisher(), mail_queue=ChannelMailQueue(channel_id))
