"""Web servers for as long as a measurement takes, started as `make run` starts them."""

from __future__ import annotations

import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings as django_settings

from backend.console.management import web_server as server
from tests.installation import PATIENCE, ROOT, free_port


@contextmanager
def web_server(application: str, folder: Path, *, ready: str, **environment: str) -> Iterator[int]:
    """Yields the port once `ready` is answered. Its log is written as in service, to a file in the folder."""
    port = free_port()
    command = server.command()  # the options of the house, whatever they become
    command[command.index("--port") + 1] = str(port)
    command[-1] = application
    if application.endswith("bare:application"):  # the framework as it comes, without our gateway
        command[command.index("--interface") + 1] = "wsgi"
        command[-1:-1] = ["--blocking-threads", str(django_settings.ENV.web_threads)]
    settings = os.environ | {"DATA_DIR": str(folder), "PORT": str(port), "LOG_LEVEL": "INFO", **environment}
    with (folder / "web.log").open("ab") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=log, stderr=log)
        try:
            _wait(process, f"http://127.0.0.1:{port}{ready}", folder / "web.log")
            yield port
        finally:
            process.terminate()
            process.wait(PATIENCE)


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    started = time.monotonic()
    while time.monotonic() - started < PATIENCE and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{address} did not answer:\n{log.read_text()}")
