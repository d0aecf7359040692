"""Publishing to a real server through a network that loses and spoils, while workers are killed: one post each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.real.conftest import need
from tests.real.places import PLACES
from tests.servers.running import ROOT

CAMPAIGN = {"POSTS": "48", "KILLS": "14", "SEED": "20181001", "SHORT": "0", "KEEP": ""}


@pytest.mark.parametrize("kind", PLACES)
def test_each_publication_is_on_the_server_once_and_found_again(kind: str) -> None:
    need(there=PLACES[kind].there(), how=PLACES[kind].how)
    done = subprocess.run(
        [sys.executable, "-m", "tests.real", kind],
        cwd=ROOT,
        env=os.environ | CAMPAIGN,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=400,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    *_, report, last = done.stdout.splitlines()
    assert last == f"{kind}: 48 publications, 14 kills: 48 once, 0 twice, 0 lost, 0 asked a person"
    Path(report.removeprefix("report: ")).unlink()
