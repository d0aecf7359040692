"""Workers on several hosts agree on the time: the database's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from tests.conftest import NOW


@pytest.mark.django_db
def test_a_hosts_clock_that_is_wrong_is_not_the_engines(database_clock: Callable[[], datetime]) -> None:
    before = datetime.now(UTC)
    with time_machine.travel(NOW, tick=False):
        now = database_clock()

    if connection.vendor == "postgresql":
        assert before - timedelta(seconds=1) < now < datetime.now(UTC) + timedelta(seconds=1)
    else:
        assert now == NOW  # the file lies on this host
