#!/usr/bin/env python
"""Django's command line for Promenade."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from backend import env
from backend.backups.errors import BackupError
from backend.backups.keys import bring_keys


def main() -> None:
    os.umask(0o077)  # what is kept here is people's data: for this user alone
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
    if sys.argv[1:2] == ["restore"]:
        _bring_keys(sys.argv[2:])
    execute_from_command_line(sys.argv)


def _bring_keys(words: list[str]) -> None:
    """Before the settings are read: they would make new keys."""
    for path in [Path(word) for word in words if not word.startswith("-")]:
        try:
            bring_keys(path, env.load())
        except (BackupError, env.ConfigurationError) as error:
            sys.exit(f"CommandError: {error}")


if __name__ == "__main__":
    main()
