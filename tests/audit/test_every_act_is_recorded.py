"""Whatever somebody does leaves an entry in the trail that names who, what and when. What people can do is found in the
source (finding.py): a new act fails here until it is done once below, or is named as an exception with its reason."""

from __future__ import annotations

import json
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from backend.accounts.errors import AccountError
from backend.accounts.models import User
from backend.audit.middleware import audit_context
from backend.audit.models import LogEntry
from tests.adapter import Remote
from tests.audit import account_acts, other_acts, planning_acts
from tests.audit.act import Act
from tests.audit.finding import find_acts
from tests.test_architecture import find

pytestmark = pytest.mark.django_db
ACTS: dict[str, Act] = planning_acts.ACTS | account_acts.ACTS | other_acts.ACTS
READS = "It only reads: `update` there is a word of dictionaries or of digests, or belongs to a link that is not saved."
USE = "A use, noted once a minute at most; what is done with it leaves its own entry."
CONNECTED = "It ends in connect_channel; tests/scheduler/connections/test_sign_in_to_channels.py reads its entry."
EXCEPTIONS = {
    "backend.accounts.retention.delete_in_batches": "Clears what is over, for the API's kept answers; nobody acts.",
    "backend.accounts.services.find_api_key": USE,
    "backend.accounts.services.find_feed_reader": USE,
    "backend.backups.services.restore_backup": "The trail is restored with the rest; the hold that begins is in it.",
    "backend.backups.services.write_backup": "Of a whole installation: tests/outages/test_backups.py reads its entry.",
    "campaigns.hiring.links.link_for_publication": "Follows from the publication, whose entry is there.",
    "campaigns.mailing.services.request_subscription": "A wish, gone in seconds: its answer leaves an entry.",
    "campaigns.hiring.visits.record_visit": "A visit is counted, and nobody is named with it.",
    "campaigns.planning.services.presence.record_heartbeat": "Who has a page open this minute; gone 45 seconds later.",
    "scheduler.connections.authorization.finish": CONNECTED,
    "scheduler.connections.authorization.start": f"Nothing is connected yet. {CONNECTED}",
    "scheduler.installation.start_check.record_installation": "A start of the program; nobody acts.",
    "scheduler.installation.start_check.record_rotation": "Part of `rotatekeys`, whose entry test_signing_in.py reads.",
    "scheduler.posts.drafts.preview": READS,
    "scheduler.posts.previews.preview_content": READS,
    "scheduler.posts.previews.preview_publications": READS,
    "scheduler.posts.spending.of": READS,
    "scheduler.posts.spending.planned_by": READS,
}


def test_every_act_is_done_here_or_is_an_exception_with_a_reason() -> None:
    found = find_acts()

    assert len(found) > 100
    assert sorted(found - ACTS.keys() - EXCEPTIONS.keys()) == []
    assert sorted((ACTS.keys() | EXCEPTIONS.keys()) - found) == []
    assert not ACTS.keys() & EXCEPTIONS.keys()


@pytest.mark.parametrize("name", ACTS)
def test_act_names_who_what_and_when(name: str, admin: User, clock: time_machine.Traveller, remote: Remote) -> None:
    act = ACTS[name]
    given = act.prepare(admin)
    clock.shift(timedelta(seconds=20))
    before = LogEntry.objects.order_by("-id").values_list("id", flat=True).first() or 0
    through = LogEntry.Through.VISITOR if act.anonymous else LogEntry.Through.SESSION

    outcome: Any = pytest.raises(AccountError) if act.refused else nullcontext()
    actor = None if act.anonymous else admin
    with outcome, audit_context(actor=actor, through=through, request_id="one-request"):
        find(name)(**given)  # type: ignore[operator]

    entries = list(LogEntry.objects.filter(id__gt=before))
    assert (act.kind, act.done) in [(entry.content_type.model, done(entry)) for entry in entries]
    for entry in entries:
        assert entry.actor == (None if act.anonymous and done(entry) != "signed_in" else admin)
        assert entry.timestamp == timezone.now()
        assert entry.cid == "one-request"
        assert entry.through == through
    hidden = [value for value in secrets_of(given) if len(value) > 5]
    assert not [value for value in hidden if value in json.dumps([entry.changes for entry in entries])]


def done(entry: LogEntry) -> str:
    return entry.event or str(dict(LogEntry.Action.choices)[entry.action])


def secrets_of(given: dict[str, Any]) -> list[str]:
    """What came in and is nobody's business: passwords, codes, tokens, addresses and telephone numbers."""
    changes = given.get("changes", {})
    values = [given.get(name) for name in ("password", "code", "token", "address", "email")]
    values += [changes.get(name) for name in ("password", "phone", "email")] + given.get("addresses", [])
    return [value for value in values if isinstance(value, str) and not value.startswith("https://")]
