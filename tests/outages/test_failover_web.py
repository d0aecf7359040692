"""PostgreSQL takes no writes for a while, as after a failover, or is away: the web says so at once, and no session that
it left behind is used again."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation
from tests.outages.cluster import PROGRAMS, Cluster, cluster

pytestmark = pytest.mark.skipif(not PROGRAMS, reason="there is no PostgreSQL server here")
NAME = "failover"
WITHIN = 2.0  # seconds


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with cluster() as made:
        made.sql(f"CREATE DATABASE {NAME}")
        yield made


@pytest.fixture(scope="module")
def product(server: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    found = Installation(tmp_path_factory.mktemp("product"), {"DATABASE_URL": server.url(NAME), "REDIS_URL": ""})
    found.start()
    try:
        found.wait_until("/readyz")
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="module")
def key(product: Installation) -> str:
    said = product.manage("apikey", "create", "outage", "--role", "admin")
    return max(said.split(), key=len)


def post(product: Installation, key: str, number: int) -> tuple[int, str]:
    """Status and kind of the answer to a team that is added."""
    request = urllib.request.Request(
        f"{product.url}/api/v1/teams",
        json.dumps({"name": f"Team {number}"}).encode(),
        {"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.headers["Content-Type"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Content-Type"]


def seconds_until(product: Installation, status: int) -> float:
    started = time.monotonic()
    while product.answer("/readyz") != status:
        assert time.monotonic() - started < 30
        time.sleep(0.1)
    return time.monotonic() - started


@pytest.mark.parametrize("how", ["takes no writes", "is away"])
def test_it_is_said_at_once_and_nothing_stays_behind(
    product: Installation, key: str, server: Cluster, how: str, tmp_path: Path
) -> None:
    numbers = iter(range(1000, 3000) if how == "is away" else range(1000))
    assert {post(product, key, next(numbers)) for _ in range(20)} == {(201, "application/json; charset=utf-8")}

    server.take_no_writes(NAME) if how == "takes no writes" else server.stop("immediate")
    said = seconds_until(product, 503)
    refused = {post(product, key, next(numbers)) for _ in range(20)}
    server.take_writes(NAME) if how == "takes no writes" else server.start()
    again = seconds_until(product, 200) if how == "takes no writes" else 0.0
    while post(product, key, next(numbers))[0] != 201:
        again += 0.1
        time.sleep(0.1)
    afterwards = {post(product, key, next(numbers))[0] for _ in range(40)}

    print(f"{how}: said after {said:.1f} s, again {again:.1f} s after its end")  # noqa: T201 - the figure
    assert refused == {(503, "application/problem+json")}
    assert said < WITHIN
    assert again < 2 * WITHIN
    assert afterwards == {201}
