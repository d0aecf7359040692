"""Schemathesis walks the whole document with values that nobody would type: no answer is a 5xx, and every answer is of
a status, a type and a shape that the document names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from backend.accounts.services import create_api_key
from backend.notifications import destinations
from campaigns.hiring import links
from campaigns.hiring.services import candidates, hires
from campaigns.planning.models import Publication
from campaigns.planning.services.timing import pauses, quiet_periods, slots
from scheduler.webhooks import endpoints
from tests import THOROUGHNESS, factories
from tests.api.test_examples import mail_ids

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = THOROUGHNESS
"""An operation, of a hundred and sixty. With more thoroughness than 1, each bound of each parameter is tried too: some
sixty requests an operation."""

pytestmark = pytest.mark.django_db
schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
schema.config.phases.coverage.enabled = THOROUGHNESS > 1
schema.config.phases.examples.enabled = False  # test_examples.py; and each worker would read them before its first test
known_ids: dict[str, Any] = {}


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Two of three requests are for rows that exist, so that more than the 404 is tried."""
    for name, value in (path_parameters or {}).items():
        if name in known_ids and (not isinstance(value, int) or value % 3):
            path_parameters[name] = known_ids[name]  # type: ignore[index]
    return path_parameters


@pytest.fixture(scope="module")
def one_connection() -> Iterator[None]:
    """The end of a request leaves the test's transaction alone, as it does for Django's own test client."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def house(one_connection: None, module_db: None) -> str:
    """One row of everything. The key of an administrator."""
    _, secret = create_api_key(name="Schemathesis", role="admin")
    campaign, team = factories.campaign(), factories.team()
    vacancy = factories.approved_vacancy(campaign_id=campaign.pk, team_id=team.pk)
    channel = factories.channel()
    endpoint, _ = endpoints.add_endpoint(address="https://example.org/", event_types=["hire.recorded"])
    publication: Publication = factories.publication(of=vacancy, on=channel)
    candidate = candidates.add_candidate(reference="S-1", vacancy=vacancy, by=None)
    hire = hires.record_hire(candidate=candidate, accepted_on=factories.in_days(-1).date(), by=None)
    link = links.link_for_publication(publication=publication, page_url="https://example.org/page")
    period = {"weekdays": ["MO"], "from_time": time(21), "to_time": time(7)}
    known_ids.update(
        mail_ids(channel),
        campaign_id=campaign.pk,
        team_id=team.pk,
        vacancy_id=vacancy.pk,
        content_id=vacancy.pk,
        channel_id=channel.pk,
        publication_id=publication.pk,
        candidate_id=candidate.pk,
        hire_id=hire.pk,
        link_id=link.pk,
        pause_id=pauses.start_pause(reason="Seeded.", by=None).pk,
        period_id=quiet_periods.add_quiet_period(channel=channel, kind="quiet", by=None, **period).pk,
        slot_id=slots.add_slot(channel=channel, weekday="MO", time=time(9), zone="Europe/London").pk,
        recurrence_id=factories.recurrence(of=vacancy, on=channel).pk,
        event_id=factories.event().pk,
        entry_id=factories.blog_entry().pk,
        bulletin_id=factories.bulletin().pk,
        user_id=factories.person("comms").pk,
        endpoint_id=endpoint.pk,
        webhook_delivery_id=endpoints.send_test(endpoint=endpoint).pk,
        api_key_id=create_api_key(name="Another", role="reader")[0].pk,
        destination_id=destinations.add_destination(
            by=factories.person("admin"), kind="email", shared=True, name="All", address="comms@example.org"
        ).pk,
    )
    return secret


@schema.parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_no_answer_is_a_server_error_or_unknown_to_the_document(case: schemathesis.Case, house: str) -> None:
    case.call_and_validate(headers={"Authorization": f"Bearer {house}"}, checks=CHECKS)
