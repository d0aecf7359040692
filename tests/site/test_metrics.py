"""What Prometheus reads: only with the key, in its own format, whatever the database does, and nothing about people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import redis
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pydantic import ValidationError

from backend import env
from campaigns.hiring import services as hiring
from scheduler.engine import backlog
from scheduler.engine.models import Worker
from scheduler.engine.queue import huey
from scheduler.installation import start_check
from scheduler.installation.models import Installation
from tests import factories
from tests.factories import publishing

KEY = "a key for metrics of 32 characters or more"
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


@pytest.fixture(autouse=True)
def _key(settings: Any) -> None:
    settings.METRICS_KEY = KEY


def scrape(**headers: str) -> Any:
    return Client().get("/metrics", headers={"Authorization": f"Bearer {KEY}", **headers})


def read() -> Samples:
    answer = scrape()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert answer.headers["Cache-Control"] == "no-store"
    families = text_string_to_metric_families(answer.content.decode())
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for each in families
        for sample in each.samples
    }


def value(samples: Samples, name: str, **labels: str) -> float:
    return samples[(f"promenade_{name}", tuple(sorted(labels.items())))]


# Who may read


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": KEY}, {"Authorization": "Bearer "}, {"X-Key": KEY}],
)
def test_without_the_key_there_is_nothing_to_read(headers: dict[str, str]) -> None:
    answer = Client().get(f"/metrics?key={KEY}", headers=headers)

    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.django_db
def test_where_no_key_is_set_there_is_no_such_page(settings: Any) -> None:
    settings.METRICS_KEY = ""

    assert Client().get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_it_is_only_read() -> None:
    assert Client().post("/metrics", headers={"Authorization": f"Bearer {KEY}"}).status_code == 405


def test_short_key_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_KEY", "short")
    with pytest.raises(env.ConfigurationError, match="METRICS_KEY: must have at least 32 characters") as refused:
        env.load()
    assert "short" not in str(refused.value)
    assert isinstance(refused.value.__context__, ValidationError)


# What it says


@pytest.mark.django_db
@pytest.mark.usefixtures("remote", "clock")
def test_how_publishing_goes() -> None:
    now = timezone.now()
    Worker.objects.create(name="host:1", threads=8, started_at=now, seen_at=now - timedelta(seconds=3))
    publishing.fall_due(publishing.post(), minutes_ago=2)
    publishing.held_unapproved()
    publishing.go_out(publishing.post(), minutes_ago=1)

    told = read()

    assert value(told, "database_up") == 1
    assert value(told, "queue_up") == 1
    assert (value(told, "publications_due"), value(told, "publications_oldest_due_seconds")) == (1, 120)
    assert value(told, "publications_held", reason="not_approved") == 1
    assert value(told, "publications_held", reason="paused") == 0
    assert value(told, "publications_sent_last_hour") == 1
    assert value(told, "publications_lateness_max_seconds") == 60
    assert (value(told, "workers"), value(told, "worker_threads"), value(told, "worker_threads_busy")) == (1, 8, 0)
    assert value(told, "worker_last_seen_timestamp_seconds") == (now - timedelta(seconds=3)).timestamp()
    assert value(told, "disk_free_bytes") > 0
    assert told[("process_start_time_seconds", ())] > 0


@pytest.mark.django_db
def test_age_of_the_latest_backup() -> None:
    assert value(read(), "last_backup_timestamp_seconds") == 0

    Installation.objects.get_or_create(pk=1)
    start_check.record_backup(datetime(2026, 3, 1, 2, 0, tzinfo=UTC))

    assert value(read(), "last_backup_timestamp_seconds") == datetime(2026, 3, 1, 2, 0, tzinfo=UTC).timestamp()


@pytest.mark.django_db
def test_requests_are_counted_by_route_and_by_no_path() -> None:
    before = read()
    Client().get("/blog/no-such-entry")
    Client().get("/wp-login.php")
    Client().generic("BREW", "/healthz")
    after = read()

    def more(name: str, **labels: str) -> float:
        key = (f"promenade_{name}", tuple(sorted(labels.items())))
        return after[key] - before.get(key, 0)

    assert more("http_requests_total", method="GET", route="blog/<slug:slug>", status="4xx") == 1
    assert more("http_requests_total", method="GET", route="(no route)", status="4xx") == 1
    assert more("http_requests_total", method="other", route="healthz", status="4xx") == 1
    assert more("http_request_duration_seconds_count", route="blog/<slug:slug>") == 1
    assert not [name for name, labels in after if "no-such-entry" in str(labels) or "BREW" in str(labels)]


@pytest.mark.django_db
def test_names_follow_the_practice_and_each_is_explained() -> None:
    for family in text_string_to_metric_families(scrape().content.decode()):
        if not family.name.startswith("promenade_"):
            continue
        assert family.documentation.endswith("."), family.name
        assert family.type in ("gauge", "counter", "histogram"), family.name
        unit = family.name.rsplit("_", 1)[1]
        assert unit not in ("ms", "milliseconds", "minutes", "hours", "kilobytes", "total"), family.name


@pytest.mark.django_db
def test_newer_format_is_given_to_who_asks_for_it() -> None:
    answer = scrape(Accept="application/openmetrics-text; version=1.0.0")

    assert answer.headers["Content-Type"].startswith("application/openmetrics-text")
    assert answer.content.endswith(b"# EOF\n")


@pytest.mark.django_db
@pytest.mark.usefixtures("remote", "clock")
def test_nothing_about_people_and_no_titles() -> None:
    hiring.add_candidate(reference="AR-1", name="Grace Adeyemi", email="grace@example.org", by=None)
    publishing.held(publishing.post(title="Nurses for Langley Green", on=factories.channel(name="The stall")))

    told = scrape().content.decode()

    for hidden in ("AR-1", "Grace", "example.org", "Langley", "stall", KEY):
        assert hidden not in told


# When something is away


def test_database_that_is_away_is_told_and_the_rest_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """This test asks for no database."""

    def refuse(_: datetime) -> None:
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(backlog, "read_backlog", refuse)

    told = read()

    assert value(told, "database_up") == 0
    assert value(told, "disk_free_bytes") > 0
    assert value(told, "http_requests_total", method="GET", route="metrics", status="4xx") > 0
    assert ("promenade_publications_due", ()) not in told


@pytest.mark.django_db
def test_queue_that_is_away_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise redis.ConnectionError("Connection refused.")

    monkeypatch.setattr(huey, "pending_count", refuse)

    told = read()

    assert (value(told, "queue_up"), value(told, "database_up")) == (0, 1)
