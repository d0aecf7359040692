"""A worker that does nothing but send: `python -m tests.real.wordpress.sender`.

Reads lines of JSON: first settings and secrets, then one key a line, under which it sends the same post. Answers each
with what the blog calls the post, or with nothing where it was not sent.
"""

from __future__ import annotations

import json
import sys
from typing import Any, cast

from scheduler.channels.contract import AdapterContext, Draft, NotSent
from scheduler.channels.wordpress.adapter import WordPress
from scheduler.net.network import Network

TIMEOUT = 20.0


def adapter(asked: dict[str, Any]) -> WordPress:
    # A blog's adapter needs neither publisher nor mail queue.
    context = AdapterContext(network=Network(("127.0.0.0/8",)), publisher=cast(Any, None), mail_queue=cast(Any, None))
    settings = WordPress.Settings.model_validate(asked["settings"])
    return WordPress(settings, WordPress.Secrets.model_validate(asked["secrets"]), context)  # type: ignore[arg-type]


def main() -> None:
    blog = adapter(json.loads(sys.stdin.readline()))
    payload = blog.compose(Draft(title="Nurse", text="Join us.", link=""))
    for line in sys.stdin:
        try:
            told = blog.send(payload, key=line.strip(), timeout=TIMEOUT).remote_id
        except NotSent:
            told = ""
        sys.stdout.write(f"{told}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
