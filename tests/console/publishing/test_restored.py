"""After a restore the page says what to look at before publishing goes on."""

from __future__ import annotations

import pytest
from django.utils import timezone

from backend.accounts.models import User
from campaigns.planning.models import Publication
from campaigns.planning.services.timing import pauses
from scheduler.installation import restore_detection
from tests import factories
from tests.console.speaking import Console
from tests.factories import publishing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("remote")]


def test_it_says_what_is_being_checked_and_what_only_a_person_can_check(comms: User) -> None:
    due = publishing.post(title="A day on the ward", publish_at=timezone.now())
    page = Console(comms)
    assert "Before you end this hold" not in page.see("/publishing")

    hold = restore_detection.freeze(restore_detection.RESTORED)

    due = Publication.objects.get(pk=due.pk)
    said = page.see("/publishing")
    assert due.state == "unknown"
    assert "The database was restored from a backup." in said
    assert "1 post is being checked on its channel" in said
    assert "No posts need you to look on the channel." in said
    assert "No emails were waiting" in said

    pauses.end_pause(pause=hold, held=pauses.PauseEnding.RELEASE, by=factories.person("comms"))
    pauses.start_pause(reason="The ward asked.", by=None)
    assert "Before you end this hold" not in page.see("/publishing")
