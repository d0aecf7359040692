"""A real WordPress with a MariaDB of its own, both on this machine only, for as long as a `with` lasts."""

from __future__ import annotations

import getpass
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

HOW = "apt-get install php-cli php-mysql mariadb-server-core, and unpack Debian's wordpress: make test-real does it"
HERE = Path(__file__).parent
UNPACKED = Path(".venv/real/wordpress/usr/share/wordpress")
INSTALLED = Path("/usr/share/wordpress")
MARIADB = "/usr/sbin/mariadbd"
WORKERS = "6"
PATIENCE = 60.0
"""Seconds for a server to answer, and to stop."""


@dataclass(frozen=True)
class Running:
    address: str
    passwords: dict[str, str]
    """Application passwords of the accounts, which are called like their roles: author, contributor."""


def files() -> Path:
    return INSTALLED if (INSTALLED / "wp-load.php").exists() else UNPACKED


def is_installed() -> bool:
    return (files() / "wp-load.php").exists() and Path(MARIADB).exists() and _php_knows_mysql()


def _php_knows_mysql() -> bool:
    if not shutil.which("php"):
        return False
    return "mysqli" in subprocess.run(["php", "-m"], capture_output=True, text=True, check=True).stdout.split()


@contextmanager
def running() -> Iterator[Running]:
    # A socket's path holds 107 characters at most, so the folder is not pytest's.
    with tempfile.TemporaryDirectory(prefix="wordpress-") as name, ExitStack() as started:
        folder = Path(name)
        with socket.create_server(("127.0.0.1", 0)) as soon_free:
            host = f"127.0.0.1:{soon_free.getsockname()[1]}"
        blog = {"BLOG_SOCKET": str(folder / "mariadb.sock"), "BLOG_ADDRESS": f"http://{host}"}
        environment = {**os.environ, **blog, "PHP_CLI_SERVER_WORKERS": WORKERS}
        _start_mariadb(folder, started)
        root = _laid_out(folder)
        set_up = subprocess.run(
            ["php", HERE / "set_up.php", root], env=environment, capture_output=True, text=True, check=True
        )
        started.enter_context(_process(["php", "-S", host, "-t", root], folder / "php.log", environment))
        _await(lambda: urllib.request.urlopen(f"http://{host}/?rest_route=/", timeout=PATIENCE).close())
        yield Running(f"http://{host}", json.loads(set_up.stdout))


def _start_mariadb(folder: Path, started: ExitStack) -> None:
    data, user = folder / "mariadb", f"--user={getpass.getuser()}"
    subprocess.run(
        [
            "mariadb-install-db",
            "--no-defaults",
            f"--datadir={data}",
            user,
            "--skip-test-db",
            "--auth-root-authentication-method=normal",
        ],
        check=True,
        capture_output=True,
    )
    path = folder / "mariadb.sock"
    command = [MARIADB, "--no-defaults", f"--datadir={data}", f"--socket={path}", "--skip-networking", user]
    started.enter_context(_process(command, folder / "mariadb.log", dict(os.environ)))

    def connect() -> None:
        with socket.socket(socket.AF_UNIX) as tried:
            tried.connect(str(path))

    _await(connect)


def _laid_out(folder: Path) -> Path:
    root = folder / "blog"
    shutil.copytree(files(), root, symlinks=True, ignore=shutil.ignore_patterns("languages", "themes", "*.htaccess"))
    plugins = root / "wp-content" / "mu-plugins"
    plugins.mkdir(parents=True)
    shutil.copy(HERE / "other_side.php", plugins)
    shutil.copy(HERE / "config.php", root / "wp-config.php")
    return root


@contextmanager
def _process(command: list[object], log: Path, environment: dict[str, str]) -> Iterator[None]:
    """In a group of its own, which is stopped as a whole: PHP's workers do not end with the process that made them."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [str(part) for part in command], env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(PATIENCE)


def _await(answers: Callable[[], None]) -> None:
    ends_at = time.monotonic() + PATIENCE
    while True:
        try:
            return answers()
        except OSError:
            if time.monotonic() > ends_at:
                raise
            time.sleep(0.1)
