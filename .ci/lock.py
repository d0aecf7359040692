"""Checks that uv.lock takes every package from the public index and from nowhere else."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path
from typing import Any

INDEX = "https://pypi.org/simple"
FILES = "https://files.pythonhosted.org/"


def strangers(lock: dict[str, Any]) -> list[str]:
    found = []
    for package in lock["package"]:
        if package["source"] not in ({"registry": INDEX}, {"virtual": "."}):
            found.append(f"{package['name']}: {package['source']}")
        files = [file for file in [package.get("sdist"), *package.get("wheels", [])] if file]
        found += [f"{package['name']}: {file}" for file in files if not file.get("url", "").startswith(FILES)]
    return found


if found := strangers(tomllib.loads(Path("uv.lock").read_text())):
    sys.exit("uv.lock names packages from elsewhere than pypi.org:\n" + "\n".join(found))
