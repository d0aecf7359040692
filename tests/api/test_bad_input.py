"""What must never become a 500, a stored surprise or a silent guess, over several resources."""

from __future__ import annotations

from typing import Any

import pytest

from campaigns.planning.models import Content
from tests import factories
from tests.api.asserting import ok, refused
from tests.conftest import Api

ENTRY = {"title": "A day on the ward", "body": "It begins."}
CAMPAIGN = {"name": "Nurses", "purpose": "recruitment", "starts_on": "2026-04-01"}
EVENT = {
    "title": "Pop-up",
    "event_kind": "pop_up",
    "place": "The pier",
    "starts_at": "2026-06-06T12:00:00",
    "ends_at": "2026-06-06T15:00:00",
}
VACANCY = {
    "title": "Staff nurse",
    "reference": "354",
    "staff_group": "nursing",
    "location": "Crawley",
    "opens_at": "2026-03-02",
    "closes_at": "2026-04-01",
    "apply_url": "https://jobs.example.org/354",
}
BULLETIN = {"title": "News", "period_start": "2026-10-01", "period_end": "2026-10-31"}
GOOD = {
    "/blog-entries": ENTRY,
    "/campaigns": CAMPAIGN,
    "/events": EVENT,
    "/vacancies": VACANCY,
    "/bulletins": BULLETIN,
    "/teams": {"name": "Jade ward"},
    "/channels": {"name": "Stall", "category": "event"},
}
FOLDERS = list(GOOD)
TEXT = {folder: "name" if "name" in body else "title" for folder, body in GOOD.items()}


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_good_bodies_are_good(api: Api, folder: str) -> None:
    ok(api.as_("comms").post(folder, GOOD[folder]), 201)


@pytest.mark.parametrize("folder", FOLDERS)
def test_unknown_fields_are_named(api: Api, folder: str) -> None:
    refused(api.as_("comms").post(folder, GOOD[folder] | {"colour": "red"}), 422, "invalid", "colour")
    refused(api.as_("comms").post(folder, GOOD[folder] | {"id": 7}), 422, "invalid", "id")


@pytest.mark.parametrize("folder", FOLDERS)
@pytest.mark.parametrize("value", [None, 5, 1.5, True, [], {}, ["x"], "", " ", "x" * 100_000, "a\0b"])
def test_texts_that_are_none(api: Api, folder: str, value: Any) -> None:
    answer = api.as_("comms").post(folder, GOOD[folder] | {TEXT[folder]: value})
    body = refused(answer, 422, field=TEXT[folder])
    assert len(answer.content) < 2000, "what was sent is not sent back"
    assert body["errors"][0]["place"] == "body"


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_missing_field_is_named_at_once(api: Api, folder: str) -> None:
    named = {error["field"] for error in refused(api.as_("comms").post(folder, {}), 422, "invalid")["errors"]}
    assert named == set(GOOD[folder]) - {"place"}


@pytest.mark.parametrize("folder", FOLDERS)
def test_null_characters_are_named_wherever_they_stand(api: Api, folder: str) -> None:
    comms = api.as_("comms")
    refused(comms.post(folder, GOOD[folder] | {TEXT[folder]: "a\0b"}), 422, "invalid", TEXT[folder])
    refused(comms.post(folder, GOOD[folder] | {"a\0b": "x"}), 422, "invalid")
    refused(comms.get(folder, q="a\0b"), 422, "bad_parameter", "q")
    refused(comms.get(folder, **{"a\0b": "x"}), 422, "bad_parameter")
    refused(comms.get(f"{folder}/%00"), 404, "not_found")
    refused(comms.get(f"{folder}/1%00"), 404, "not_found")
    refused(comms.get(folder, cursor="a\0b"), 422, "bad_parameter", "cursor")


def test_null_characters_deep_inside(api: Api) -> None:
    section = {"heading": "A", "body": "b\0"}
    refused(api.as_("comms").post("/bulletins", BULLETIN | {"sections": [section]}), 422, "invalid", "sections.0.body")
    refused(api.as_("comms").post("/blog-entries", ENTRY | {"tags": ["x", "\0"]}), 422, "invalid", "tags.1")


@pytest.mark.parametrize("folder", FOLDERS)
def test_lone_surrogates(api: Api, folder: str) -> None:
    comms = api.as_("comms")
    refused(comms.post(folder, GOOD[folder] | {TEXT[folder]: "a\ud800b"}), 422, "invalid", TEXT[folder])
    refused(comms.post(folder, GOOD[folder] | {"a\udfffb": 1}), 422, "invalid")
    assert comms.get(f"{folder}?q=%ED%A0%80").status_code == 200
    refused(comms.get(f"{folder}/%ED%A0%80"), 422)
    raw = f'{{"{TEXT[folder]}": "'.encode() + b'\xed\xa0\x80"}'
    refused(comms.send("POST", folder, raw=raw), 422, "invalid", TEXT[folder])


@pytest.mark.parametrize(
    "text",
    [
        "Nurses 👩🏽‍⚕️🏳️‍🌈 wanted",
        "ممرضات في المستشفى",
        "אחיות ‏(מיטב)‏ 2026",
        "Zażółć gęślą jaźń",
        "看護師募集",
        "e\u0301 é",
    ],
)
@pytest.mark.parametrize("folder", FOLDERS)
def test_emoji_and_right_to_left_text_come_back_as_they_went(api: Api, folder: str, text: str) -> None:
    made = ok(api.as_("comms").post(folder, GOOD[folder] | {TEXT[folder]: text}), 201)
    assert made[TEXT[folder]] == text
    assert ok(api.as_("reader").get(f"{folder}/{made['id']}"))[TEXT[folder]] == text
    assert [item["id"] for item in ok(api.as_("reader").get(folder, q=text[:6]))["items"]] == [made["id"]]


@pytest.mark.parametrize("field", ["starts_at", "ends_at"])
@pytest.mark.parametrize(
    "value",
    [
        "soon",
        "2026-13-01T00:00:00",
        "2026-02-30T10:00:00",
        "2026-06-06T25:00:00",
        "2026-06-06T12:00:00+99:00",
        "0000-00-00T00:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-03-29T01:30:00",
        "",
        0,
        1780000000,
        "1780000000",
        1e308,
        True,
        None,
        {"year": 2026},
    ],
)
def test_moments_that_are_none(api: Api, field: str, value: Any) -> None:
    refused(api.as_("comms").post("/events", EVENT | {field: value}), 422, "invalid", field)


@pytest.mark.parametrize(
    "value", ["2026-02-30", "30/04/2026", "9999-01-01", "0001-01-01", 20000, "20000", "", None, []]
)
def test_days_that_are_none(api: Api, value: Any) -> None:
    refused(api.as_("comms").post("/campaigns", CAMPAIGN | {"starts_on": value}), 422, "invalid", "starts_on")
    refused(api.as_("comms").post("/bulletins", BULLETIN | {"period_end": value}), 422, "invalid", "period_end")


@pytest.mark.parametrize(
    ("folder", "field", "end"),
    [
        ("/campaigns", "ends_on", "2026-03-31"),
        ("/events", "ends_at", "2026-06-06T11:59:59"),
        ("/vacancies", "closes_at", "2026-03-02"),
        ("/bulletins", "period_end", "2026-09-30"),
    ],
)
def test_ends_before_starts(api: Api, folder: str, field: str, end: str) -> None:
    refused(api.as_("comms").post(folder, GOOD[folder] | {field: end}), 422, "invalid", field)
    made = ok(api.as_("comms").post(folder, GOOD[folder]), 201)
    refused(api.as_("comms").patch(f"{folder}/{made['id']}", {field: end}), 422, "invalid", field)


def test_the_past_only_when_asked_for(api: Api) -> None:
    comms = api.as_("comms")
    for folder, field, past in [
        ("/events", "starts_at", {"starts_at": "2018-09-15T12:00", "ends_at": "2018-09-15T15:00"}),
        ("/vacancies", "closes_at", {"opens_at": "2018-09-01", "closes_at": "2018-09-30"}),
    ]:
        refused(comms.post(folder, GOOD[folder] | past), 422, "invalid", field)
        ok(comms.post(folder, GOOD[folder] | past | {"allow_past": True}), 201)


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JAVASCRIPT:alert(1)",
        "ftp://example.org/x",
        "data:text/html,x",
        "file:///etc/passwd",
        "//example.org",
        "example.org",
        "http://",
        "http:///x",
        "https://exa mple.org",
        "https://example.org/\nX: y",
        "https://" + "x" * 2000 + ".org",
        "mailto:a@example.org",
        " ",
        5,
    ],
)
def test_addresses_that_are_not_http(api: Api, address: Any) -> None:
    refused(api.as_("comms").post("/vacancies", VACANCY | {"apply_url": address}), 422, "invalid", "apply_url")
    refused(api.as_("comms").post("/events", EVENT | {"online_url": address}), 422, "invalid", "online_url")


@pytest.mark.parametrize("folder", ["/campaigns", "/events", "/content", "/publications", "/pictures"])
def test_ids_in_a_path_that_name_nothing(api: Api, folder: str) -> None:
    comms = api.as_("comms")
    refused(comms.get(f"{folder}/999"), 404, "not_found")
    for name in ("0", "-1", "abc", "1.5", str(2**63), "1e3", "%20", "é"):
        assert refused(comms.get(f"{folder}/{name}"), 422, "invalid")["errors"][0]["place"] == "path"


@pytest.mark.parametrize("value", [999, 0, -1, 2**63, 10**30, "x", 1.5, [], {}])
@pytest.mark.parametrize(
    ("folder", "field"),
    [
        ("/events", "host_team_id"),
        ("/vacancies", "team_id"),
        ("/bulletins", "campaign_id"),
        ("/blog-entries", "picture_id"),
    ],
)
def test_ids_in_a_body_that_name_nothing(api: Api, folder: str, field: str, value: Any) -> None:
    refused(api.as_("comms").post(folder, GOOD[folder] | {field: value}), 422, "invalid", field)
    assert not Content.objects.exists()


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"{'title': 1}",
        b'{"title": "x",}',
        b"\xff\xfe\xfa",
        b'"text"',
        b"[]",
        b"5",
        b"null",
        b"NaN",
        b'{"title": NaN}',
        b'{"title": Infinity}',
        b'{"title": -Infinity}',
        b'{"capacity": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 50 + b"1" + b"}" * 50,
        b'{"a":' * 100_000,
    ],
    ids=lambda raw: raw[:20].decode("latin-1"),
)
def test_bodies_that_are_no_json_object(api: Api, raw: bytes) -> None:
    refused(api.as_("comms").send("POST", "/blog-entries", raw=raw), 400, "malformed")
    refused(api.as_("comms").send("PATCH", f"/blog-entries/{factories.blog_entry().pk}", raw=raw), 400, "malformed")


def test_numbers_beyond_all_bounds(api: Api) -> None:
    raw = b'{"title":"x","reference":"1","staff_group":"nursing","location":"c","opens_at":"2026-03-02",'
    raw += b'"closes_at":"2026-04-01","apply_url":"https://example.org","hours_per_week":1e999}'
    refused(api.as_("comms").send("POST", "/vacancies", raw=raw), 422, "invalid", "hours_per_week")


def test_a_body_over_one_megabyte(api: Api) -> None:
    raw = b'{"title": "x", "body": "' + b"x" * 1_000_000 + b'"}'
    for content_type in ("application/json", "text/plain", "multipart/form-data; boundary=x"):
        refused(api.as_("comms").send("POST", "/blog-entries", raw=raw, content_type=content_type), 413, "too_large")
    just_fits = b'{"title": "x", "body": "' + b"x" * 99_000 + b'"}'
    ok(api.as_("comms").send("POST", "/blog-entries", raw=just_fits), 201)


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "form"}])
@pytest.mark.parametrize("raw", [b"--x\r\nbroken", b"", b"\xff", b"--x--"])
def test_a_form_where_json_belongs(api: Api, raw: bytes, headers: dict) -> None:
    answer = api.as_("comms").send(
        "POST", "/blog-entries", raw=raw, content_type="multipart/form-data; boundary=x", headers=headers
    )
    assert answer.status_code in (400, 422)
    refused(answer, answer.status_code)


def test_an_outsider_is_not_told_what_is_wrong_with_the_body(outsider: Api) -> None:
    refused(outsider.send("POST", "/blog-entries", raw=b"{"), 401, "not_signed_in")
    refused(outsider.send("POST", "/blog-entries", raw=b"x" * 2_000_000), 401, "not_signed_in")


@pytest.mark.parametrize(
    "authorization", ["Bearer", "Bearer ", "Bearer prom_x", "Basic YTpi", "bearer \xff", "Bearer a b", "prom_x"]
)
def test_keys_that_are_none(api: Api, authorization: str) -> None:
    answer = Api().get("/teams", headers={"Authorization": authorization})
    refused(answer, 401, "not_signed_in")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("folder", ["/campaigns", "/events", "/content", "/publications", "/pictures", "/organisation"])
def test_unknown_query_parameters_are_named(api: Api, folder: str) -> None:
    refused(api.as_("reader").get(folder, colour="red"), 422, "bad_parameter", "colour")


def test_unknown_query_parameters_of_changes(api: Api) -> None:
    refused(api.as_("comms").post("/teams?dry_run=1", {"name": "Jade ward"}), 422, "bad_parameter", "dry_run")


@pytest.mark.parametrize(
    "query",
    ["campaign_id=x", "campaign_id=0", "campaign_id=99999999999999999999", "state=happy", "childcare_offered=?"],
)
def test_filters_that_make_no_sense(api: Api, query: str) -> None:
    refused(api.as_("reader").get(f"/events?{query}"), 422, "invalid", query.partition("=")[0])


def test_a_method_that_an_address_does_not_take(api: Api) -> None:
    answer = api.as_("comms").delete("/teams")
    refused(answer, 405, "method_not_allowed")
    assert set(answer.headers["Allow"].replace(" ", "").split(",")) == {"GET", "POST"}


@pytest.mark.parametrize("path", ["/nothing", "/teams/1/nothing", "/teams/", "/", "/../v2"])
def test_addresses_outside_of_any_route(api: Api, path: str) -> None:
    refused(api.as_("comms").get(f"/api/v1{path}"), 404, "not_found")
