"""Redis restarts, or stops answering, while posts fall due: they wait for it, and the same worker goes on."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from tests.installation import free_port
from tests.outages.conftest import MakeHouse
from tests.outages.house import wait_for

pytestmark = pytest.mark.skipif(not shutil.which("redis-server"), reason="there is no redis-server here")
AWAY = 2.0  # seconds


class Server:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        options = {"bind": "127.0.0.1", "port": self.port, "save": "", "dir": self.folder, "logfile": "redis.log"}
        words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
        self.process = subprocess.Popen(["redis-server", *words], start_new_session=True)
        wait_for(self.answers, "Redis")

    def answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def end(self, how: signal.Signals) -> None:
        self.process.send_signal(how)
        self.process.wait(10)


@contextmanager
def redis_server(folder: Path) -> Iterator[Server]:
    server = Server(folder)
    try:
        yield server
    finally:
        server.end(signal.SIGKILL)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_posts_wait_for_redis_and_go_out_once(how: signal.Signals, on_sqlite: MakeHouse, tmp_path: Path) -> None:
    with redis_server(tmp_path) as server:
        house = on_sqlite(REDIS_URL=server.url)
        worker = house.start_worker()
        house.let_go(over=3)
        house.wait_for_accepted(8)

        server.end(how)
        time.sleep(AWAY)
        waiting = house.states()["scheduled"]
        server.start()

        house.wait_until_all_are_sent()
        assert waiting > 0
        assert worker.lives()
        house.check_each_went_out_once()
        said = worker.said()
        assert said.count("the queue cannot be used; publishing waits for it") == 1
        assert said.count("publishing goes on") == 1
        assert "Traceback" not in said
        assert worker.end() == 0
