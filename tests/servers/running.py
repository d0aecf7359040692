"""Starts a test server in a process of its own, and stops it.

`with running("tests.servers.x_like", state) as address: ...`
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 20.0
"""Seconds for a server to name its port, and to stop."""
KEPT = ExitStack()
"""Closed by whoever keeps servers running for a while (a session's fixture): it stops them."""


@cache
def kept(module: str, *arguments: str) -> str:
    """One server for many tests, where starting it takes seconds; they put it back to a clean state."""
    folder = Path(KEPT.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
    return KEPT.enter_context(running(module, folder, *arguments))


@contextmanager
def running(module: str, state: Path, *arguments: str, port: int = 0) -> Iterator[str]:
    """Yields `http://127.0.0.1:<port>`. The server's own errors are in `state/stderr.txt`.

    A group of its own keeps signals to the client from reaching it: it must survive the client's kills.
    """
    state.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", module, "--port", str(port), "--state", str(state), *arguments]
    with running_command(command, state) as address:
        yield address


@contextmanager
def running_command(command: list[str], state: Path, patience: float = PATIENCE) -> Iterator[str]:
    """The same for a server in any language that prints its port on the first line."""
    errors = state / "stderr.txt"
    with (
        errors.open("ab") as stderr,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=stderr, start_new_session=True) as process,
    ):
        try:
            yield f"http://127.0.0.1:{_first_line(process, errors, patience)}"
        finally:
            _stop(process)


def _first_line(process: subprocess.Popen[bytes], errors: Path, patience: float) -> int:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], patience)
    line = process.stdout.readline() if ready else b""
    if not line.strip().isdigit():
        raise RuntimeError(f"The server did not start: {errors.read_text(errors='replace')[-2000:]}")
    return int(line)


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.kill(process.pid, signal.SIGTERM)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
