"""Structured data for search engines: schema.org JobPosting and Event as JSON-LD.

Fields as Google's documents ask for them. The house hires in the United Kingdom, so the country is GB.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from campaigns.planning import organisation_clock
from campaigns.planning.models import ContractType, EarlyEnd, Organisation, WorkingPattern
from campaigns.website.headings import with_page
from campaigns.website.models import Item
from campaigns.website.page_details import EventDetails, VacancyDetails

COUNTRY = "GB"
# What could end the script element or open a comment in it is written as an escape, which JSON reads as the same.
_ESCAPES = {ord(char): f"\\u{ord(char):04X}" for char in "<>&\u2028\u2029"}

_EMPLOYMENT: dict[str, str] = {
    ContractType.FIXED_TERM: "TEMPORARY",
    ContractType.BANK: "PER_DIEM",
    ContractType.LOCUM: "TEMPORARY",
    ContractType.VOLUNTARY: "VOLUNTEER",
    ContractType.HONORARY: "OTHER",
}


def json_ld(item: Item, *, url: str) -> SafeString | str:
    """JSON-LD that may stand in a script element; empty for kinds that have none."""
    details = item.page_details
    if isinstance(details, VacancyDetails):
        data = _job(item, details, url)
    elif isinstance(details, EventDetails):
        data = _event(item, details, url)
    else:
        return ""
    told = {"@context": "https://schema.org", **{name: value for name, value in data.items() if value}}
    return mark_safe(json.dumps(told, ensure_ascii=False).translate(_ESCAPES))  # noqa: S308 - escaped just now


def _job(item: Item, details: VacancyDetails, url: str) -> dict[str, Any]:
    house = Organisation.current().name
    from_home = details.working_pattern == WorkingPattern.HOME_OR_REMOTE
    return {
        "@type": "JobPosting",
        "title": item.title,
        "description": with_page(item.html, url) or f"<p>{_text(item.summary or item.title)}</p>",
        "datePosted": organisation_clock.day_of(item.published_at).isoformat(),
        "validThrough": _local(item.ends_at),
        "employmentType": _employment(details),
        "identifier": {"@type": "PropertyValue", "name": house, "value": details.reference},
        "hiringOrganization": {"@type": "Organization", "name": house, "sameAs": settings.BASE_URL},
        "jobLocation": {
            "@type": "Place",
            "address": _without_empty(
                {
                    "@type": "PostalAddress",
                    "addressLocality": details.location,
                    "postalCode": details.postcode,
                    "addressCountry": COUNTRY,
                }
            ),
        },
        "jobLocationType": "TELECOMMUTE" if from_home else None,
        "applicantLocationRequirements": {"@type": "Country", "name": COUNTRY} if from_home else None,
        "baseSalary": _salary(details),
        "totalJobOpenings": details.headcount,
        "url": url,
    }


def _employment(details: VacancyDetails) -> list[str]:
    part = details.working_pattern in (
        WorkingPattern.PART_TIME,
        WorkingPattern.JOB_SHARE,
        WorkingPattern.TERM_TIME,
    )
    special = _EMPLOYMENT.get(details.contract_type)
    return [*([special] if special else []), "PART_TIME" if part else "FULL_TIME"]


def _salary(details: VacancyDetails) -> dict[str, Any] | None:
    low, high = details.salary_min_pence, details.salary_max_pence
    if low is None and high is None:
        return None
    value: dict[str, Any] = {"@type": "QuantitativeValue", "unitText": details.salary_unit.upper()}
    if low is not None and high is not None and low != high:
        value |= {"minValue": low / 100, "maxValue": high / 100}
    else:
        value["value"] = (low if low is not None else high or 0) / 100
    return {"@type": "MonetaryAmount", "currency": "GBP", "value": value}


def _event(item: Item, details: EventDetails, url: str) -> dict[str, Any]:
    cancelled = item.ended == EarlyEnd.CANCELLED
    place, online = details.place, details.online_url
    places = [
        *([{"@type": "Place", "name": place, "address": place}] if place else []),
        *([{"@type": "VirtualLocation", "url": online}] if online else []),
    ]
    mode = "Mixed" if place and online else "Online" if online else "Offline"
    house = {"@type": "Organization", "name": Organisation.current().name, "url": settings.BASE_URL}
    return {
        "@type": "Event",
        "name": item.title,
        "description": item.summary,
        "startDate": _local(details.starts_at),
        "endDate": _local(details.ends_at),
        "eventStatus": f"https://schema.org/{'EventCancelled' if cancelled else 'EventScheduled'}",
        "eventAttendanceMode": f"https://schema.org/{mode}EventAttendanceMode",
        "location": places[0] if len(places) == 1 else places,
        "organizer": house,
        "performer": {"@type": "Organization", "name": details.host_team} if details.host_team else None,
        "maximumAttendeeCapacity": details.capacity,
        "image": [settings.BASE_URL + item.picture.path] if item.picture else None,
        "url": url,
    }


def _local(at: datetime | None) -> str | None:
    return organisation_clock.to_local(at).isoformat() if at else None


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _text(words: str) -> str:
    return words.replace("&", "&amp;").replace("<", "&lt;")
