"""Who writes, and a team, for the rooms that know no roles."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from campaigns.planning.models import Team


@pytest.fixture
def writer(db: None) -> Any:
    return get_user_model().objects.create_person(email="writer@promenade.example", name="Wren Writer", role="comms")


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(name="Coral Ward", location="Langley Green Hospital")
