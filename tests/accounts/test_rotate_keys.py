"""Changing the keys of encrypted columns."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection as database
from encrypted_fields.fields import EncryptedFieldMixin

from campaigns.hiring.models import Candidate
from campaigns.hiring.services import add_candidate

OLD, NEW = "old-key-" + "a" * 32, "new-key-" + "b" * 32


@pytest.fixture
def use_keys(settings: Any) -> Any:
    field = Candidate._meta.get_field("name")

    def use(*keys: str) -> None:
        settings.SALT_KEY = list(keys)
        for kept in ("keys", "f"):
            field.__dict__.pop(kept, None)

    assert isinstance(field, EncryptedFieldMixin)
    yield use
    for kept in ("keys", "f"):
        field.__dict__.pop(kept, None)


def stored() -> str:
    with database.cursor() as cursor:
        cursor.execute("SELECT name FROM hiring_candidate")
        return str(cursor.fetchone()[0])


def test_after_rotation_the_new_key_alone_reads_what_the_old_one_wrote(db: None, use_keys: Any) -> None:
    use_keys(OLD)
    add_candidate(reference="R-1", name="Priya Example", by=None)
    before = stored()

    use_keys(NEW, OLD)
    call_command("rotatekeys")
    use_keys(NEW)

    assert stored() != before
    assert Candidate.objects.get().name == "Priya Example"


def test_a_missing_key_is_named_and_nothing_is_lost(db: None, use_keys: Any) -> None:
    use_keys(OLD)
    add_candidate(reference="R-1", name="Priya Example", by=None)
    before = stored()

    use_keys(NEW)
    with pytest.raises(CommandError, match="cannot be decrypted"):
        call_command("rotatekeys")

    assert stored() == before
