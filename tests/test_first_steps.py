"""docs/first-steps.md says what happens: its commands are run, in order, against a new installation."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.installation import ROOT, installation

DOCUMENT = ROOT / "docs" / "first-steps.md"
BLOCK = re.compile(r"^```(bash|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl: apt-get install curl")
def test_the_commands_of_first_steps_do_what_it_says(tmp_path: Path) -> None:
    with installation(tmp_path) as house:
        house.start()
        house.wait_until("/readyz")
        script = ["set -eu -o pipefail"]
        expected: list[str] = []
        for kind, text in BLOCK.findall(DOCUMENT.read_text()):
            if kind == "bash":
                script.append(text.replace(".venv/bin/python", sys.executable))
            else:
                expected += text.strip().splitlines()
        here = "\n".join(script).replace("http://127.0.0.1:8000", house.url)

        done = subprocess.run(
            ["bash", "-c", here],
            cwd=ROOT,
            env=house.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=180,
            check=False,
        )

    assert done.returncode == 0, done.stdout
    printed = done.stdout.splitlines()
    missing = [line for line in expected if line.replace("http://127.0.0.1:8000", house.url) not in printed]
    assert not missing, done.stdout
    assert expected
