"""Two people on the same content see each other, and rarely write for it."""

from __future__ import annotations

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import User
from campaigns.planning.services.presence import record_heartbeat
from tests import factories

pytestmark = pytest.mark.django_db


def test_the_other_is_seen_until_45_seconds_after_the_last_sign(
    comms: User, approver: User, clock: time_machine.Traveller
) -> None:
    row, other = factories.blog_entry(), factories.blog_entry()
    assert record_heartbeat(content=row, by=comms) == []
    assert record_heartbeat(content=other, by=approver) == []
    assert [each.person for each in record_heartbeat(content=row, by=approver)] == [comms]
    clock.shift(44)
    assert [each.person for each in record_heartbeat(content=row, by=approver)] == [comms]
    clock.shift(2)
    assert record_heartbeat(content=row, by=approver) == []


def test_a_sign_is_written_at_most_every_15_seconds(comms: User, clock: time_machine.Traveller) -> None:
    row = factories.blog_entry()
    record_heartbeat(content=row, by=comms)
    for seconds, writes in [(14, False), (1, True)]:
        clock.shift(seconds)
        with CaptureQueriesContext(connection) as queries:
            record_heartbeat(content=row, by=comms)
        assert any(query["sql"].startswith("UPDATE") for query in queries) is writes
