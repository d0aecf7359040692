"""A receiver in this process: it checks signatures with the standard's own library and answers what a test says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone
from standardwebhooks import Webhook

from scheduler.models import WebhookEndpoint
from scheduler.webhooks import deliveries, endpoints
from scheduler.webhooks.models import EventType


@dataclass
class Receiver:
    address: str
    statuses: list[int] = field(default_factory=list)
    """How the next messages are answered; 200 when there are none left."""
    headers: dict[str, str] = field(default_factory=dict)
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    pause: threading.Event | None = None

    def messages(self, secret: str) -> list[Any]:
        """What arrived, each verified with this secret."""
        return [Webhook(secret).verify(body, headers) for headers, body in self.got]

    def ids(self) -> list[str]:
        return [headers["webhook-id"] for headers, _ in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *arguments: object) -> None: ...

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            status = found.statuses.pop(0) if found.statuses else 200
            if found.pause:
                found.pause.wait(5)
            self.send_response(status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Receiver(f"http://127.0.0.1:{server.server_address[1]}/hooks?token=hush")
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def endpoint(db: None, receiver: Receiver) -> WebhookEndpoint:
    """Wants every event."""
    return endpoints.add_endpoint(address=receiver.address, event_types=list(EventType.values))[0]


def turn() -> int:
    """One turn of the dispatcher and of the worker that gets it. Returns how many messages were taken."""
    return sum(deliveries.deliver(claimed) for claimed in deliveries.claim_due(at_once=4))


def make_due(**filters: Any) -> None:
    """As if the waiting messages' next time had come."""
    rows = deliveries.WebhookDelivery.objects.waiting().filter(**filters)
    rows.update(next_try_at=timezone.now() - timedelta(seconds=1))
