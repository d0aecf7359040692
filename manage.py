#!/usr/bin/env python
"""Django's command line for Promenade."""

import os
import sys

from django.core.management import execute_from_command_line


def main() -> None:
    os.umask(0o077)  # what is kept here is people's data: for this user alone
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
