"""docs/operations.md says what happens: its commands are run, and what it installs is there and well-formed."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.installation import ROOT, Installation

PAGE = (ROOT / "docs/operations.md").read_text()
UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))


def commands(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def test_its_commands_work_in_their_order(tmp_path: Path) -> None:
    house = Installation(tmp_path, {"DATABASE_URL": "", "REDIS_URL": ""})
    try:
        house.environment |= {"BACKUPS": str(tmp_path), "BASE": house.url}
        house.start()
        house.wait_until("/readyz")
        said = []
        for script in commands("bash"):
            if " restore " in script:
                house.stop()
                house.manage(
                    "shell", "-v0", "-c", "from scheduler.engine.models import Worker; Worker.objects.all().delete()"
                )
            if "/healthz" in script:
                house.start()
                house.wait_until("/healthz")
            done = subprocess.run(
                ["bash", "-euc", script], cwd=ROOT, env=house.environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, script + done.stdout + done.stderr
            said.append(done.stdout)
    finally:
        house.stop()

    assert len(said[0].strip()) > 80  # a key
    assert "holds the database" in said[1]
    assert "Publishing is on hold" in said[2]
    assert "on hold already" in said[3]
    assert said[-1].startswith("ok\n")


def test_what_is_copied_and_started_is_there() -> None:
    copied = " ".join(commands("sh"))

    assert {unit.name for unit in UNITS} == set(re.findall(r"deploy/systemd/(\S+\.service)", copied))
    for unit in UNITS:
        assert unit.stem in copied.partition("systemctl enable --now")[2]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_units_start_commands_that_exist_come_back_and_end_gracefully(unit: Path) -> None:
    lines = dict(line.split("=", 1) for line in unit.read_text().splitlines() if "=" in line and line[0] != "#")
    started = re.findall(r"manage\.py (\w+)", unit.read_text())

    assert lines["Restart"] == "always"
    assert float(lines["RestartSec"]) < 2
    assert int(lines["TimeoutStopSec"]) >= 30
    for name in started:
        assert list(ROOT.glob(f"*/**/management/commands/{name}.py")), name


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd here")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """With commands that are there: the page installs ours to /opt."""
    for unit in UNITS:
        text = unit.read_text().replace("/opt/promenade/.venv/bin/python", "/bin/true").replace("/opt/promenade", "/")
        (tmp_path / unit.name).write_text(
            text.replace("User=promenade", "User=root").replace("Group=promenade", "Group=root")
        )

    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, tmp_path.iterdir())], capture_output=True, text=True, check=False
    )

    ours = [line for line in done.stderr.splitlines() if "promenade" in line]
    assert ours == []
    assert done.returncode == 0
