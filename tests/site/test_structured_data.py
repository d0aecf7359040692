from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import time_machine
from django.test import Client

from campaigns.planning.services import events
from tests import factories
from tests.site.conftest import Publish


def data_on(client: Client, path: str) -> dict[str, Any]:
    page = client.get(path).content.decode()
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    found: dict[str, Any] = json.loads(data)
    return found


def test_vacancy_is_a_job_posting(client: Client, publish: Publish, clock: time_machine.Traveller) -> None:
    item = publish(
        factories.approved_vacancy(
            title="Staff nurse",
            reference="354-1",
            postcode="RH11 7EJ",
            salary_min_pence=2_421_400,
            salary_max_pence=3_011_250,
            working_pattern="part_time",
            contract_type="fixed_term",
            closes_at=datetime(2026, 4, 1, 22, 59, tzinfo=UTC),
        )
    )

    data = data_on(client, f"/vacancies/{item.slug}")

    assert (data["@type"], data["title"], data["datePosted"]) == ("JobPosting", "Staff nurse", "2026-03-02")
    assert data["validThrough"] == "2026-04-01T23:59:00+01:00"
    assert data["employmentType"] == ["TEMPORARY", "PART_TIME"]
    assert data["identifier"]["value"] == "354-1"
    assert data["hiringOrganization"]["name"]
    assert data["jobLocation"]["address"] == {
        "@type": "PostalAddress",
        "addressLocality": "Crawley",
        "postalCode": "RH11 7EJ",
        "addressCountry": "GB",
    }
    assert data["baseSalary"]["currency"] == "GBP"
    assert data["baseSalary"]["value"] == {
        "@type": "QuantitativeValue",
        "unitText": "YEAR",
        "minValue": 24214.0,
        "maxValue": 30112.5,
    }
    assert data["description"]
    assert data["url"].endswith(f"/vacancies/{item.slug}")


def test_event_is_an_event(client: Client, publish: Publish, clock: time_machine.Traveller) -> None:
    item = publish(
        factories.approved_event(
            title="Fish and chips by the sea",
            place="Brighton beach",
            online_url="https://meet.example/1",
            starts_at=datetime(2026, 6, 6, 9, 0, tzinfo=UTC),
        )
    )

    data = data_on(client, f"/events/{item.slug}")

    assert (data["@type"], data["name"]) == ("Event", "Fish and chips by the sea")
    assert data["startDate"] == "2026-06-06T10:00:00+01:00"
    assert data["eventStatus"] == "https://schema.org/EventScheduled"
    assert data["eventAttendanceMode"] == "https://schema.org/MixedEventAttendanceMode"
    assert [place["@type"] for place in data["location"]] == ["Place", "VirtualLocation"]


def test_cancelled_event_says_so_to_machines(client: Client, publish: Publish) -> None:
    event = factories.approved_event()
    item = publish(event)

    events.cancel_event(event=event, by=None)

    assert data_on(client, f"/events/{item.slug}")["eventStatus"] == "https://schema.org/EventCancelled"
