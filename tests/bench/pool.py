"""The physical limit of the engine: the same sends from a bare pool of threads, without a database.

`python -m tests.bench.pool ADDRESS COUNT THREADS` waits for a line on its input, sends, and prints the seconds.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import cast

from scheduler.channels.contract import AdapterContext, Draft, LocalPublisher, MailQueue
from scheduler.channels.x.adapter import X
from scheduler.net.network import Network
from tests.bench.channel import SECRETS

TIMEOUT = 20.0  # seconds, as the engine gives


def main() -> None:
    address, count, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    context = AdapterContext(
        network=Network(["127.0.0.0/8"]), publisher=cast("LocalPublisher", None), mail_queue=cast("MailQueue", None)
    )
    account = X(X.Settings(api_base=address), X.Secrets(**SECRETS), context)

    def send(number: int) -> None:
        draft = Draft(title="", text=f"Post {number} of the pool", link=f"https://trust.example/r/{number:08}")
        account.send(account.compose(draft), key="", timeout=TIMEOUT)

    print("ready", flush=True)  # noqa: T201 - how it is told
    sys.stdin.readline()
    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(send, range(count)))  # raises what a send raised
    print(time.perf_counter() - started)  # noqa: T201


if __name__ == "__main__":
    main()
