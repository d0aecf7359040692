"""What a process writes to standard error; in a process of its own, since pytest puts its hands on all logging."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.installation import ROOT

SCRIPT = """
import logging, structlog, sys
from backend import logs
logs.configure(level="INFO", form=sys.argv[1])
structlog.get_logger("promenade.test").info("printed", copies=2, api_key="prom_secret")
logging.getLogger("library").warning("out of %s", "paper")
try:
    raise RuntimeError("no paper left")
except RuntimeError:
    structlog.get_logger("promenade.test").exception("printing failed", token="prom_secret")
"""


def written(form: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", SCRIPT, form], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stderr.splitlines()


def test_line_for_people_says_when_how_bad_what_and_where_with_a_traceback_below() -> None:
    ours, theirs, crash, *trace = written("console")

    assert [line.split(" ", 1)[1] for line in (ours, theirs, crash)] == [
        "[info     ] printed [promenade.test] api_key=*** copies=2",
        "[warning  ] out of paper [library]",
        "[error    ] printing failed [promenade.test] token=***",
    ]
    assert trace[0].startswith("Traceback")
    assert trace[-1] == "RuntimeError: no paper left"


def test_line_for_programs_is_one_json_object_each() -> None:
    ours, theirs, crash = (json.loads(line) for line in written("json"))

    assert (ours["level"], ours["event"], ours["logger"], ours["copies"]) == ("info", "printed", "promenade.test", 2)
    assert (ours["api_key"], crash["token"]) == ("***", "***")
    assert (theirs["event"], theirs["logger"]) == ("out of paper", "library")
    assert crash["exception"].endswith("RuntimeError: no paper left")
