from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model


@pytest.fixture
def hr(db):
    return get_user_model().objects.create_person(email="hr@trust.example", name="Hana, HR", role="hr")
