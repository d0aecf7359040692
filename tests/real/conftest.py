"""What is missing on this machine is skipped, and told at the end; where CI says that all must be there, it fails."""

from __future__ import annotations

import os

import pytest


def need(*, there: bool, how: str) -> None:
    """`how` says in one line how the server is installed."""
    if there:
        return
    if os.environ.get("CI"):
        pytest.fail(f"Missing in CI: {how}", pytrace=False)
    pytest.skip(how)
