from __future__ import annotations

import pytest

from backend.api.resources.administration import api_keys
from campaigns.hiring import services
from tests.api.asserting import refused
from tests.conftest import Api

PERSON = "Grace Adeyemi"


def test_a_crash_tells_where_it_happened_and_nothing_about_a_person(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(**fields: object) -> None:
        raise RuntimeError(f"cannot keep {fields['name']}")

    monkeypatch.setattr(services, "add_candidate", crash)
    answer = api.as_("hr").post("/candidates", {"reference": "AR-1", "name": PERSON})
    problem = refused(answer, 500, "server_error")
    assert PERSON not in answer.content.decode()
    assert PERSON not in caplog.text
    assert "create_candidate" in caplog.text
    assert problem["request_id"] in caplog.text


def test_an_answer_of_the_wrong_shape_leaves_no_secret_in_the_log(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(api_keys, "Status", lambda *_: {"key": "prom_secret"})
    refused(api.as_("admin").post("/api-keys", {"name": "x", "role": "reader"}), 500, "server_error")
    assert "prom_secret" not in caplog.text
