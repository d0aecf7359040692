"""Debian's Chromium, for tests, pictures and measurements."""

from __future__ import annotations

from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser")
CHROMIUM = next((path for name in NAMES if (path := f"/usr/bin/{name}") and Path(path).exists()), "")
"""The one without a window of its own takes half the time."""
MISSING = "Chromium is missing: apt-get install chromium-headless-shell"
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
