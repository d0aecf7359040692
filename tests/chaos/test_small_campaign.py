"""A campaign of some seconds, on whichever database the tests run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SMALL = {"POSTS": "20", "KILLS": "3", "SEED": "3", "BASELINE": "0", "SHORT": "0", "KEEP": ""}


def test_twenty_publications_go_out_once_though_consumers_are_killed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos"],
        cwd=ROOT,
        env=os.environ | SMALL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=180,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    *_, report, last = done.stdout.splitlines()
    assert last.startswith("chaos: 20 publications, 3 kills: ")
    assert ", 0 twice, 0 lost, " in last
    told = Path(report.removeprefix("report: "))
    _, *fates = [json.loads(line) for line in told.read_text().splitlines()]
    told.unlink()
    assert len(fates) == 20
    assert {fate["fate"] for fate in fates} <= {"once", "asked a person"}
