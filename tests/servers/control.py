"""Tells a test server what is to go wrong, and asks it what it has seen."""

from __future__ import annotations

import json
import urllib.request
from typing import Any


def call(address: str, wanted: dict[str, Any] | None = None, **headers: str) -> Any:
    """GET, or POST of what is wanted."""
    data = None if wanted is None else json.dumps(wanted).encode()
    request = urllib.request.Request(address, data, {"Content-Type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)
