"""A Django form from an adapter's JSON Schema, so that a new channel needs no form of its own.

Knows strings, whole numbers, booleans, choices and lists. What is a password in the schema is written once: its field
shows nothing of what is kept, and left empty it keeps that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from backend.console.frame.forms import WordsField

Choices = Iterable[tuple[int, str]]


def fields_of(
    schema: Mapping[str, Any], *, kept: Iterable[str] = (), rows: Mapping[str, Choices] | None = None
) -> dict[str, forms.Field]:
    """One field for each property. `kept` names secrets that are stored already; `rows` gives choices for properties
    that name rows of ours (`rows_of` in the schema, as the API calls them)."""
    required = set(schema.get("required", ()))
    known = set(kept)
    return {
        name: _field(
            _resolved(property_, schema),
            required=name in required and name not in known,
            kept=name in known,
            rows=rows or {},
        )
        for name, property_ in schema.get("properties", {}).items()
    }


def values_of(fields: Iterable[str], cleaned: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, for the adapter: what was left empty is left out, so that its default holds; an empty secret is
    None, which keeps the one that is stored."""
    found: dict[str, Any] = {}
    for name in fields:
        value, property_ = cleaned.get(name), _resolved(schema["properties"][name], schema)
        if property_.get("format") == "password":
            found[name] = value or None
        elif value not in ("", None, []):
            found[name] = [int(each) for each in value] if "rows_of" in property_ else value
    return found


def _resolved(property_: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """With what it refers to, and without the null that only says that it may be left out."""
    found = dict(property_)
    for option in [*found.pop("anyOf", ()), *found.pop("allOf", ())]:
        if option.get("type") != "null":
            found = {**option, **found}
    reference = found.pop("$ref", "")
    if reference:
        found = {**schema["$defs"][reference.rsplit("/", 1)[-1]], **found}
    return found


def _field(property_: Mapping[str, Any], *, required: bool, kept: bool, rows: Mapping[str, Choices]) -> forms.Field:
    common = {
        "label": property_.get("title", ""),
        "help_text": property_.get("description", ""),
        "required": required,
        "initial": property_.get("default"),
    }
    if property_.get("format") == "password":
        return _secret(common, kept=kept)
    if "enum" in property_:
        return forms.ChoiceField(choices=[(each, str(each).capitalize()) for each in property_["enum"]], **common)
    if property_.get("type") == "boolean":
        return forms.BooleanField(**common | {"required": False})
    if property_.get("type") == "integer":
        return forms.IntegerField(min_value=property_.get("minimum"), max_value=property_.get("maximum"), **common)
    if property_.get("type") == "array":
        return _list(property_, common, rows)
    return forms.CharField(max_length=property_.get("maxLength"), validators=_patterns(property_), **common)


def _secret(common: dict[str, Any], *, kept: bool) -> forms.Field:
    """Never filled in: neither what is kept nor what was typed a moment ago goes back to a browser."""
    stays = "A secret is stored. Leave empty to keep it." if kept else ""
    return forms.CharField(
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        **common | {"initial": None, "help_text": " ".join(part for part in (common["help_text"], stays) if part)},
    )


def _list(property_: Mapping[str, Any], common: dict[str, Any], rows: Mapping[str, Choices]) -> forms.Field:
    if "rows_of" in property_:
        choices = list(rows.get(property_["rows_of"], ()))
        if not choices:
            common |= {"help_text": "There is nothing to choose from yet."}
        else:
            common |= {"help_text": ""}
        return forms.MultipleChoiceField(choices=choices, widget=forms.CheckboxSelectMultiple, **common)
    hint = f"{common['help_text']} Separate them with commas.".strip()
    return WordsField(**common | {"help_text": hint})


def _patterns(property_: Mapping[str, Any]) -> list[RegexValidator]:
    pattern = property_.get("pattern")
    if not pattern:
        return []
    remedy = property_.get("description") or "Check it."
    return [RegexValidator(pattern, message=f"This is not valid. {remedy}")]
