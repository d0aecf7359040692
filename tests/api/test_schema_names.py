"""The document knows schemas by their names alone, so that two of one name would become one."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections import Counter

from ninja import Schema

from backend.api import resources


def test_no_two_schemas_share_a_name() -> None:
    found = Counter()
    for module in pkgutil.iter_modules(resources.__path__):
        place = importlib.import_module(f"backend.api.resources.{module.name}")
        found.update(
            name
            for name, each in inspect.getmembers(place, inspect.isclass)
            if issubclass(each, Schema) and each.__module__ == place.__name__
        )

    assert [name for name, times in found.items() if times > 1] == []
