from __future__ import annotations

import pytest
import time_machine


@pytest.fixture(autouse=True)
def _monday_morning(clock: time_machine.Traveller) -> None:
    """Dates in these tests are written out, so all of them start at the same moment."""
