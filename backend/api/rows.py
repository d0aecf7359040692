"""Rows that the body of a request names by id."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model

from backend.api.problems import ProblemError

Row = TypeVar("Row", bound=Model)


def require_row(model: type[Row], pk: int, *, field: str, locked: bool = False) -> Row:
    """The row with this id, locked if that is wanted. Raises ProblemError (422), naming the field, where there is
    none."""
    rows = model._default_manager.select_for_update() if locked else model._default_manager.all()
    row: Row | None = rows.filter(pk=pk).first()
    if row is None:
        sentence = f"There is no {model._meta.verbose_name} with id {pk}."
        raise ProblemError(422, "invalid", sentence, place="body", field=field)
    return row


def optional_row(model: type[Row], pk: int | None, *, field: str) -> Row | None:
    """The same for an id that may be left out."""
    return None if pk is None else require_row(model, pk, field=field)
