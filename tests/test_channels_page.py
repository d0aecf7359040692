"""The table of docs/channels.md says what each adapter can do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scheduler.channels import registry

PAGE = (Path(__file__).resolve().parents[1] / "docs/channels.md").read_text()
ROWS = [re.split(r"\s*\|\s*", line)[2:-1] for line in PAGE.splitlines() if line.startswith("| ") and "`" in line]


@pytest.mark.parametrize("kind", registry.ADAPTERS)
def test_the_table_says_what_the_adapter_can_do(kind: str) -> None:
    abilities = registry.ADAPTERS[kind].abilities
    row = next((row for row in ROWS if f"`{kind}`" in row[0]), None)
    assert row is not None, f"The table of docs/channels.md has no row for `{kind}`."
    _, _, read_back, taken_down, pictures = row
    if not abilities.manual:
        assert read_back.startswith("yes") == abilities.reads_back
        assert (taken_down == "yes") == abilities.deletes
    if not abilities.carries_document or abilities.pictures:
        assert pictures == (str(abilities.pictures.maximum) if abilities.pictures else "–")
