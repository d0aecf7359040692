"""docs/architecture.md names functions and folders that are there."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs/architecture.md").read_text()
NAMES = re.findall(r"^- `([\w.]+)`", TEXT, re.MULTILINE)


def find(name: str) -> object:
    """A function, or a method of a class, by its whole name."""
    parts = name.split(".")
    for end in range(len(parts) - 1, 0, -1):
        try:
            found: object = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    raise LookupError(name)


def test_there_are_four_flows() -> None:
    assert len(re.findall(r"^\*\*(A|An) \w+\*\*$", TEXT, re.MULTILINE)) == 4
    assert len(NAMES) > 30


@pytest.mark.parametrize("name", NAMES)
def test_each_function_of_a_flow_is_there(name: str) -> None:
    assert callable(find(name))


def test_each_folder_of_the_tree_is_there() -> None:
    room = ""
    for line in TEXT.split("## The tree")[1].split("## Directions")[0].strip("\n").splitlines():
        folders = re.findall(r"(\w+)/", re.split(r" {3,}", line.strip())[0])
        if line.startswith("    ") and not line.startswith("      "):
            [room], folders = folders, [""]
        for folder in folders:
            assert (ROOT / room / folder).is_dir(), line
