"""Writing what differs of a row that is locked, so that nobody reads it again to learn what changed."""

from __future__ import annotations

from django.db.models import Model

from campaigns.planning import signals


def save(row: Model, *, before: Model, autosave: bool = False) -> None:
    """Write the columns in which a row differs from what it was, in one UPDATE for each table that it has, and announce
    them. `before` is a copy made after the row was locked in this transaction; `autosave` says that it is saved again
    and again while somebody types."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    differing = [field for field in fields if getattr(row, field.attname) != getattr(before, field.attname)]
    for model in dict.fromkeys(field.model for field in differing):
        columns = {field.attname: getattr(row, field.attname) for field in differing if field.model is model}
        model._base_manager.filter(pk=row.pk).update(**columns)
    if differing:
        signals.row_changed.send(sender=type(row), row=row, before=before, autosave=autosave)
