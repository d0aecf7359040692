"""Checks a row before it is saved, in words for the person who typed it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.text import slugify

from campaigns.planning.errors import InvalidPlan

TAGS_AT_MOST = 20
TAG_LENGTH = 60  # characters

_web_address = URLValidator(schemes=["http", "https"])


def check(row: models.Model, *, checked: Collection[str] = ()) -> None:
    """Raise InvalidPlan, with the field, for the first thing that the row may not hold. `checked` names the fields of
    which it is known already that no other row has the same."""
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if isinstance(value, str):
            check_text(field, value)
    try:
        _clean(row, checked)
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        known = {field.name: field.attname for field in row._meta.concrete_fields}
        raise InvalidPlan(messages[0], field=known.get(name)) from None


def _clean(row: models.Model, checked: Collection[str]) -> None:
    """As Model.full_clean, without its questions whether a row exists that the caller has in hand or that we have named
    ourselves, and whether a value that we make ourselves is taken."""
    fields = row._meta.concrete_fields
    references = [field for field in fields if field.is_relation and getattr(row, field.attname) is not None]
    read = {field.name for field in references if field.name in row._state.fields_cache or not field.editable}
    errors: dict[str, Any] = {}
    with _collect(errors):
        row.clean_fields(exclude=read)
    with _collect(errors):
        row.clean()
    known = {*errors, *checked, *(field.name for field in fields if field.unique and not field.editable)}
    with _collect(errors):
        row.validate_unique(exclude=known)
    with _collect(errors):
        row.validate_constraints(exclude=known)
    if errors:
        raise ValidationError(errors)


@contextmanager
def _collect(errors: dict[str, Any]) -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        error.update_error_dict(errors)


def check_text(field: models.Field[Any, Any], value: str) -> None:
    if "\x00" in value:
        raise InvalidPlan("This text contains a null character. Remove it.", field=field.name)
    if not field.blank and not value.strip():
        raise InvalidPlan("This must not be empty.", field=field.name)
    limit = getattr(field, "max_length", None)
    if limit and len(value) > limit:
        raise InvalidPlan(f"This text has {len(value)} characters. The maximum is {limit}.", field=field.name)
    if isinstance(field, models.URLField):
        check_address(value, field=field.name)


def check_address(value: str, *, field: str) -> None:
    """Raise InvalidPlan unless this is empty or an http or https address."""
    try:
        if value:
            _web_address(value)
            if "@" in urlsplit(value).netloc:
                raise ValidationError("an address with a user name")
    except ValueError:
        raise InvalidPlan("This web address cannot be read.", field=field) from None
    except ValidationError:
        raise InvalidPlan("Enter a web address that starts with http:// or https://.", field=field) from None


def words(values: list[str], *, field: str) -> list[str]:
    """Tags or hashtags: trimmed, without a leading #, without repeats, in the order given."""
    found: dict[str, str] = {}
    for value in values:
        word = value.strip().lstrip("#").strip()
        if "\x00" in word:
            raise InvalidPlan("This text contains a null character. Remove it.", field=field)
        if len(word) > TAG_LENGTH:
            raise InvalidPlan(f"{word[:20]}… has more than {TAG_LENGTH} characters.", field=field)
        if word:
            found.setdefault(word.lower(), word)
    if len(found) > TAGS_AT_MOST:
        raise InvalidPlan(f"You can have up to {TAGS_AT_MOST}, and there are {len(found)}.", field=field)
    return list(found.values())


def free_slug(row: Any) -> str:
    """From the row's name, and a number where another one of its kind has that."""
    stem = slugify(row.name)[:90] or row._meta.model_name or "row"
    taken = set(type(row).objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return stem if stem not in taken else next(s for n in range(2, 10_000) if (s := f"{stem}-{n}") not in taken)
