"""What others answer, read in one place: bounded, and in a shape that can be stored and shown whatever was said.

Every answer to a request of ours comes through `bound` before anybody looks at it. What an answer means is decided by
whoever asked; the functions below tell them what a part of it is, or that it is not what was asked for.
"""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests

LONGEST_HEADER = 8_000
"""Characters of one header's value."""
DEEPEST = 64
"""Lists and objects of JSON inside each other: five times what any channel sends."""
LARGEST_NUMBER = 2**63 - 1
LATEST = 2**33
"""Seconds since 1970, in the year 2242: no sign-in, post or wait goes further."""
LONGEST_ID = 300
"""Characters by which a channel names a post, a picture or an account."""
ENCODINGS = frozenset({"ascii", "utf-8", "iso8859-1", "iso8859-15", "cp1252", "utf-16", "utf-32"})
"""Those in which an answer may say that it is written, as Python calls them: it knows others that decode no text."""
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""No database holds a NUL, and nothing can write half a surrogate pair."""
_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[][{}]', re.DOTALL)
"""A string, which may be cut off, or a bracket."""
CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")

ODD = (ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError)
"""What Python raises where an answer, or a part of it, is of another shape than whoever reads it has thought."""


class UnexpectedResponse(ValueError):
    """Raised by whoever asked: this answer is not what was asked for."""


def clean_text(text: str, most: int | None = None) -> str:
    """What can be stored and shown of a text, `most` characters at most."""
    if "\x00" in text or not text.isascii():  # both are seen a hundred times sooner than the pattern reads a letter
        text = UNSTORABLE.sub("\ufffd", text)
    return text[:most]


def bound(response: requests.Response, content: bytes) -> None:
    """Make `content` what this response says: text in UTF-8, and JSON with no number and no depth beyond bounds."""
    try:
        text = _decode(content, response.encoding)
        response._content = _bound_json(text).encode()
    except (RecursionError, UnicodeError):  # as if it had said nothing: its status holds all the same
        response._content = b""
    response.encoding = "utf-8"


def bound_head(response: requests.Response) -> None:
    """The same for its headers. A `Location` that leads nowhere is none."""
    for name, value in list(response.headers.items()):
        response.headers[name] = CONTROL.sub(" ", clean_text(str(value), LONGEST_HEADER))
    if "Location" in response.headers and split_address(response.headers["Location"]) is None:
        del response.headers["Location"]


def _decode(content: bytes, declared: str | None) -> str:
    """UTF-8, or whatever JSON may be in, if it is that; else as it says of itself."""
    try:
        return clean_text(content.decode(json.detect_encoding(content)))
    except UnicodeDecodeError:
        return clean_text(content.decode(_known_encoding(declared), "replace"))


def _known_encoding(declared: str | None) -> str:
    try:
        name = codecs.lookup(declared or "utf-8").name
    except ODD:
        return "utf-8"
    return name if name in ENCODINGS else "utf-8"


def _bound_json(text: str) -> str:
    """The same text where it is no JSON."""
    if _is_too_deep(text):
        raise RecursionError
    try:
        said = json.loads(text, parse_int=_bound_int, parse_float=_bound_float, parse_constant=lambda _: None)
    except ValueError:
        return text
    return json.dumps(_bound_value(said, DEEPEST), ensure_ascii=False)


def _is_too_deep(text: str) -> bool:
    """Looked at before it is read: whatever Python tidies up where a reader has no stack left fails in the dark."""
    if not text.lstrip().startswith(("[", "{")) or text.count("[") + text.count("{") <= DEEPEST:
        return False
    depth = 0
    for token in _JSON_TOKEN.finditer(text):
        depth += 1 if token[0] in ("[", "{") else -1 if token[0] in ("]", "}") else 0
        if depth > DEEPEST:
            return True
    return False


def _bound_int(digits: str) -> int | None:
    number = int(digits) if len(digits) <= len(str(LARGEST_NUMBER)) + 1 else None
    return number if number is not None and abs(number) <= LARGEST_NUMBER else None


def _bound_float(digits: str) -> float | None:
    number = float(digits)
    return number if math.isfinite(number) else None


def _bound_value(said: Any, deeper: int) -> Any:
    if isinstance(said, str):  # an escape may have put into it what its bytes cannot hold
        return clean_text(said)
    if not isinstance(said, (dict, list)):
        return said
    if not deeper:
        raise RecursionError
    if isinstance(said, dict):
        return {clean_text(name): _bound_value(value, deeper - 1) for name, value in said.items()}
    return [_bound_value(value, deeper - 1) for value in said]


def text_of(value: Any) -> str:
    """A text with something in it, such as a name or a token. Raises UnexpectedResponse."""
    if not isinstance(value, str) or not value.strip():
        raise UnexpectedResponse("no text where one should be")
    return clean_text(value)


def identity_of(value: Any) -> str:
    """What a channel calls a post, a picture or an account: a text or a number. Raises UnexpectedResponse."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= LONGEST_ID or " " in value:
        raise UnexpectedResponse("no id where one should be")
    return value


def number_of(value: Any) -> int:
    """A number that counts or names something, also in digits. Raises UnexpectedResponse."""
    found = int(value) if isinstance(value, str) and re.fullmatch("[0-9]{1,18}", value) else value
    if not isinstance(found, int) or isinstance(found, bool):
        raise UnexpectedResponse("no number where one should be")
    return found


def object_of(value: Any) -> dict[str, Any]:
    """A JSON object. Raises UnexpectedResponse."""
    if not isinstance(value, dict):
        raise UnexpectedResponse("no object where one should be")
    return value


def objects_of(value: Any) -> list[dict[str, Any]]:
    """A list of JSON objects. Raises UnexpectedResponse."""
    if not isinstance(value, list):
        raise UnexpectedResponse("no list where one should be")
    return [object_of(each) for each in value]


def moment_of(value: Any) -> datetime | None:
    """From seconds since 1970; None where that is no time that anybody means, 0 included."""
    number = float(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", value) else value
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 < number < LATEST:
        return None
    return datetime.fromtimestamp(number, UTC)


def seconds_until(moment: datetime | None) -> float | None:
    """From now, none of them below 0."""
    return None if moment is None else max(0.0, (moment - datetime.now(UTC)).total_seconds())


def retry_after(response: requests.Response) -> float | None:
    """Seconds, from the Retry-After of an answer, in either of its forms (RFC 9110, section 10.2.3)."""
    value = response.headers.get("Retry-After", "").strip()
    if re.fullmatch("[0-9]+", value):
        return float(min(float(value), LATEST))
    try:
        return seconds_until(parsedate_to_datetime(value))
    except ODD:
        return None


def split_address(address: str) -> SplitResult | None:
    """The parts of an address; None where it is none."""
    try:
        parts = urlsplit(address)
        _ = parts.hostname, parts.port
    except ValueError:
        return None
    return parts


def words_of(said: Iterable[Any]) -> str:
    """The texts among what was said, in a row."""
    return " ".join(each for each in said if isinstance(each, str))
