"""Reads JSON bodies, and refuses what no row could hold before anything else looks at it."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.http import HttpRequest
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

DEPTH = 20


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        try:
            found = json.loads(request.body, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            raise HttpError(400, "The body is not valid JSON.") from None
        if not isinstance(found, dict):
            raise HttpError(400, "The body must be a JSON object.")
        _check(found, ())
        return found


def _check(value: Any, path: tuple[str | int, ...]) -> None:
    if len(path) > DEPTH:
        raise HttpError(400, "The body is nested too deeply.")
    if isinstance(value, str):
        _check_text(value, path)
    elif isinstance(value, dict):
        for name, inner in value.items():
            _check_text(name, path)
            _check(inner, (*path, name))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            _check(inner, (*path, position))


def _check_text(value: str, path: tuple[str | int, ...]) -> None:
    if "\x00" in value:
        message = "This text holds a null character, which cannot be stored. Remove it."
    elif not value.isascii() and any("\ud800" <= letter <= "\udfff" for letter in value):
        message = "This text holds half a character (a lone surrogate). Send it as UTF-8."
    else:
        return
    raise ValidationError([{"loc": ("body", "payload", *path), "msg": message, "type": "text"}])
