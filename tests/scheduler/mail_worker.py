"""One mail worker as a process of its own, for tests that kill it.

`python -m tests.scheduler.mail_worker DATABASE` delivers until it is killed.
"""

from __future__ import annotations

import os
import sys
import time


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "backend.settings"
    import django

    django.setup()
    from django.db import connection

    from scheduler.mail import delivery as mail

    connection.settings_dict["NAME"] = sys.argv[1]
    while True:
        if not mail.deliver_due():
            time.sleep(0.05)


if __name__ == "__main__":
    main()
