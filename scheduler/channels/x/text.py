"""How X counts a text, and what it refuses (docs.x.com, counting characters)."""

from __future__ import annotations

import importlib.resources
import re
import sys
import types
from typing import Any

from scheduler.channels.contract import DoesNotFit

LIMIT = 280
LONGEST_COUNTED = 2_000
"""Characters. The counting takes seconds for odd texts beyond this, and none that long could fit."""
INVALID = re.compile("[\ufffe\ufeff\uffff]")
CASHTAG = re.compile(r"(?<![\w$&/#])\$[a-z]{1,6}(?:[._][a-z]{1,2})?(?!\w)", re.IGNORECASE)


def _import_twitter_text() -> Any:
    """The counting library asks setuptools' `pkg_resources`, which no longer exists, for one data file of its own."""
    stand_in = types.ModuleType("pkg_resources")
    stand_in.resource_string = lambda module, name: (  # type: ignore[attr-defined]
        importlib.resources.files(module.rpartition(".")[0]).joinpath(name).read_bytes()
    )
    real = sys.modules.get("pkg_resources")
    sys.modules["pkg_resources"] = stand_in
    try:
        import twitter_text
    finally:
        del sys.modules["pkg_resources"]
        if real is not None:
            sys.modules["pkg_resources"] = real
    return twitter_text


twitter_text = _import_twitter_text()


def check(text: str) -> None:
    """Raises DoesNotFit for what X refuses whatever its length, and for what is too long to be counted."""
    if INVALID.search(text):
        raise DoesNotFit(
            "The text contains an invisible character that X does not accept. Type the text again, or paste "
            "it as plain text."
        )
    if len(CASHTAG.findall(text)) > 1:
        raise DoesNotFit("X allows only one cashtag, for example $ABC, in a post. Remove the others.")
    if len(text) > LONGEST_COUNTED:
        raise DoesNotFit(f"This is {len(text)} characters long, and X allows {LIMIT}. Shorten the text.")


def weighted_length(text: str) -> int:
    return int(twitter_text.parse_tweet(text).weightedLength)


def has_address(text: str) -> bool:
    return bool(twitter_text.extract_urls(text))
