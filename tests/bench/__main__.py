"""Prepares a process of its own (temporary data folder, embedded shape), then runs the benchmarks."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import tempfile
import traceback
from pathlib import Path

from tests.bench import given  # noqa: F401 - reads the environment before it is cleared

PLAIN = ("DATABASE_URL", "REDIS_URL", "PROMENADE_MODE", "BASE_URL", "ALLOWED_HOSTS", "SECRET_KEY", "ENCRYPTION_KEYS")


def _prepare(folder: Path) -> None:
    """A measurement must not depend on the shell that it is started from, nor touch anybody's data."""
    for name in PLAIN:
        os.environ.pop(name, None)
    os.environ.update(
        DATA_DIR=str(folder),
        STATE_DIR=f"{folder}/state",
        LOG_LEVEL="WARNING",
        DEMO="0",
        DJANGO_SETTINGS_MODULE="backend.settings",
    )
    os.environ["PRIVATE_ADDRESSES"] = "127.0.0.0/8"
    import django

    django.setup()


def main() -> int:
    failed = False
    with tempfile.TemporaryDirectory(prefix="promenade-bench-") as folder:
        _prepare(Path(folder))
        from tests import bench
        from tests.bench import harness

        for module in pkgutil.iter_modules(bench.__path__):
            if module.name.startswith("bench_"):
                importlib.import_module(f"tests.bench.{module.name}")
        try:
            chosen = harness.chosen(os.environ.get("ONLY", ""))
        except KeyError as unknown:
            sys.stderr.write(f"{unknown.args[0]}\n")
            return 2
        for benchmark in chosen:
            try:
                sys.stdout.write(f"{benchmark.line()}\n")
            except Exception:
                failed = True
                sys.stdout.write(f"{benchmark.name:<16} did not run\n")
                traceback.print_exc()
            sys.stdout.flush()
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
