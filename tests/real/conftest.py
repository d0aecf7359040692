"""What is missing on this machine is skipped, and told at the end; where CI says that all must be there, it fails."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.real.wordpress import server


def need(*, there: bool, how: str) -> None:
    """`how` says in one line how the server is installed."""
    if there:
        return
    if os.environ.get("CI"):
        pytest.fail(f"Missing in CI: {how}", pytrace=False)
    pytest.skip(how)


@pytest.fixture(scope="session")
def wordpress() -> Iterator[server.Running]:
    need(there=server.is_installed(), how=server.HOW)
    with server.running() as found:
        yield found
