from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from backend import logs


@pytest.fixture(params=["console", "json"])
def form(request: pytest.FixtureRequest, capfd: pytest.CaptureFixture[str]) -> Iterator[str]:
    """Logs as an installation writes them; afterwards as before."""
    root = logging.getLogger()
    before = root.handlers, root.level
    structlog.contextvars.clear_contextvars()
    logs.configure(level="INFO", form=request.param)
    yield request.param
    root.handlers, level = before
    root.setLevel(level)


def crash() -> None:
    try:
        raise RuntimeError("no paper left")
    except RuntimeError:
        structlog.get_logger("promenade.test").exception("printing failed", copies=2, token="prom_secret")


def test_line_says_when_how_bad_what_and_where(form: str, capfd: pytest.CaptureFixture[str]) -> None:
    structlog.get_logger("promenade.test").info("printed", copies=2, api_key="prom_secret")
    logging.getLogger("library").warning("out of %s", "paper")

    ours, theirs = capfd.readouterr().err.splitlines()

    if form == "json":
        told = json.loads(ours)
        assert (told["level"], told["event"], told["logger"], told["copies"]) == (
            "info",
            "printed",
            "promenade.test",
            2,
        )
        assert json.loads(theirs)["event"] == "out of paper"
    else:
        assert ours.split(" ", 1)[1] == "[info     ] printed [promenade.test] api_key=*** copies=2"
        assert theirs.split(" ", 1)[1] == "[warning  ] out of paper [library]"
    assert "prom_secret" not in ours


def test_traceback_stands_below_its_line(form: str, capfd: pytest.CaptureFixture[str]) -> None:
    crash()

    told = capfd.readouterr().err

    assert "RuntimeError: no paper left" in told
    assert told.splitlines()[0].endswith("printing failed [promenade.test] copies=2 token=***") or form == "json"
    assert "prom_secret" not in told
