"""docs/adding-a-channel.md is carried out on a copy: three touches, and the new channel passes the contract."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("backend", "campaigns", "media", "scheduler", "tests", "manage.py", "pyproject.toml")
CHANNELS = "tests/scheduler/channels"
ASKED = (f"{CHANNELS}/test_foyer.py", f"{CHANNELS}/test_contract.py", "tests/api/channels/test_channel_kinds.py")
BESIDE = "from scheduler.channels.contract import Adapter, AdapterContext\n"
MARK = "ADAPTERS: dict[str, Any] = {\n"


@pytest.fixture
def blocks() -> list[str]:
    page = (ROOT / "docs/adding-a-channel.md").read_text()
    found = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(found) == 3
    return found


def test_a_channel_is_three_touches(tmp_path: Path, blocks: list[str]) -> None:
    module, line, tests = blocks
    for room in ROOMS:
        source = ROOT / room
        if source.is_dir():
            shutil.copytree(source, tmp_path / room)  # with what is compiled of it
        else:
            shutil.copy(source, tmp_path / room)
    folder = tmp_path / "scheduler/channels/foyer"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (folder / "adapter.py").write_text(module)
    (tmp_path / "tests/scheduler/channels/test_foyer.py").write_text(tests)
    registry = tmp_path / "scheduler/channels/registry.py"
    first, entry = line.splitlines()
    known = registry.read_text().replace(MARK, f"{MARK}{entry}\n")
    registry.write_text(known.replace(BESIDE, f"{BESIDE}{first}\n"))

    outside = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "DATABASE", "REDIS"))
    }
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-n", "0", *ASKED, "-k", "foyer or kinds"],
        cwd=tmp_path,
        env=outside,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"1[0-9] passed", ran.stdout), ran.stdout
