"""One worker as `manage.py worker` runs it, with the fault campaign's shorter times: `python -m tests.outages.worker
FOLDER`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.chaos.worker import prepare

if __name__ == "__main__":
    prepare(Path(sys.argv[1]), "engine")()
