"""A slug that is asked for several times at once: WordPress makes as many posts, two workers of ours one."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Barrier

import pytest

from tests.real.test_wordpress import Blog
from tests.real.wordpress import server
from tests.scheduler.channels.test_contract import new_key
from tests.servers.running import ROOT

AT_ONCE = 4
ROUNDS = 12

pytestmark = pytest.mark.django_db


@pytest.fixture
def blog(wordpress: server.Running) -> Blog:
    blog = Blog(wordpress)
    blog.control("reset", {})
    return blog


@pytest.fixture
def workers(blog: Blog) -> Iterator[list[subprocess.Popen[str]]]:
    """Two processes that send what they are told to."""
    known = {
        "settings": {"address": blog.blog.address, "username": "author"},
        "secrets": {"application_password": blog.blog.passwords["author"]},
    }
    with ExitStack() as started:
        command = [sys.executable, "-m", "tests.real.wordpress.sender"]
        pair = [
            started.enter_context(
                subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            )
            for _ in range(2)
        ]
        for worker in pair:
            tell(worker, json.dumps(known))
        yield pair


def tell(worker: subprocess.Popen[str], line: str) -> None:
    assert worker.stdin is not None
    worker.stdin.write(f"{line}\n")
    worker.stdin.flush()


def hear(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout is not None
    line = worker.stdout.readline()
    assert line, "the worker ended"
    return line.strip()


def publish_plainly(blog: Blog, slug: str) -> None:
    """As the handbook of the REST API shows it."""
    signed_in = base64.b64encode(f"author:{blog.blog.passwords['author']}".encode()).decode()
    headers = {"Authorization": f"Basic {signed_in}", "Content-Type": "application/json"}
    wanted = json.dumps({"title": "Nurse", "content": "Join us.", "slug": slug, "status": "publish"}).encode()
    asked = urllib.request.Request(f"{blog.blog.address}/?rest_route=/wp/v2/posts", wanted, headers)
    with urllib.request.urlopen(asked, timeout=20) as answer:
        assert answer.status == 201


def test_wordpress_publishes_a_slug_as_often_as_it_is_asked(blog: Blog) -> None:
    together = Barrier(AT_ONCE)

    def publish(_: int) -> None:
        together.wait()
        publish_plainly(blog, "nurse")

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(publish, range(AT_ONCE)))

    slugs = [post["slug"] for post in blog.published()]
    assert len(slugs) == AT_ONCE
    assert all(slug.startswith("nurse") for slug in slugs)


def test_two_workers_with_one_key_publish_one_post(blog: Blog, workers: list[subprocess.Popen[str]]) -> None:
    told: dict[str, set[str]] = {}
    for key in (new_key() for _ in range(ROUNDS)):
        for worker in workers:
            tell(worker, key)
        told[key] = {hear(worker) for worker in workers}
    for key, answers in told.items():  # as the engine does after "nothing was posted"
        tell(workers[0], key)
        answers.add(hear(workers[0]))
        answers.discard("")

    assert [len(answers) for answers in told.values()] == [1] * ROUNDS
    assert sorted(str(post["id"]) for post in blog.published()) == sorted(min(answers) for answers in told.values())
    assert len(blog.rows()) == ROUNDS
