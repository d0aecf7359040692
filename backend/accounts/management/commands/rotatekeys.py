"""Writes every encrypted column anew with the first key."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction
from encrypted_fields.fields import EncryptedFieldMixin

from backend.accounts import signals
from scheduler.installation import start_check

BATCH = 500  # rows in one transaction


class Command(BaseCommand):
    help = "Encrypt every secret and all personal data anew, with the first of ENCRYPTION_KEYS."

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002 - Django's signature
        count = 0
        for model in apps.get_models():
            columns = [field for field in model._meta.concrete_fields if isinstance(field, EncryptedFieldMixin)]
            if columns:
                count += _rotate(model, [field.attname for field in columns])
        start_check.record_rotation()
        signals.keys_rotated.send(sender=None, rows=count)
        self.stdout.write(f"{count} rows are encrypted with the first key now.")


def _rotate(model: type[models.Model], names: list[str]) -> int:
    """Rows of one model, in batches by id. A value that no key decrypts stops the command, and changes nothing."""
    count, last = 0, 0
    rows = model._default_manager.order_by("pk").only(*names)
    while True:
        with transaction.atomic():
            batch = list(rows.select_for_update().filter(pk__gt=last)[:BATCH])
            for row in batch:
                values = {name: getattr(row, name) for name in names}
                if any(isinstance(value, str) and value.startswith("gAAAAA") for value in values.values()):
                    raise CommandError(
                        f"Row {row.pk} of {model._meta.label} cannot be decrypted with the present keys. "
                        "Put the key that it was written with back into ENCRYPTION_KEYS."
                    )
                model._default_manager.filter(pk=row.pk).update(**values)
        if not batch:
            return count
        count += len(batch)
        last = batch[-1].pk
