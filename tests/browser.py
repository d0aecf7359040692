"""Debian's Chromium, for tests, pictures and measurements."""

from __future__ import annotations

from pathlib import Path

CHROMIUM = next((path for path in ("/usr/bin/chromium", "/usr/bin/chromium-browser") if Path(path).exists()), "")
MISSING = "Chromium is missing: apt-get install chromium"
DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
QUIET = [
    "--lang=en-GB",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
