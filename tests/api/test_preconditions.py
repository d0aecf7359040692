from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from backend.notifications import destinations
from backend.notifications.models import Destination
from campaigns.planning.services import compositions
from campaigns.planning.services.timing import pauses
from scheduler.connections import services as connections
from scheduler.models import WebhookDelivery, WebhookEndpoint
from scheduler.webhooks import endpoints
from tests import factories
from tests.api.asserting import ok, refused
from tests.api.document import DOCUMENT
from tests.conftest import Api
from tests.factories import publishing
from tests.servers import teams_like
from tests.servers.control import clean

pytestmark = pytest.mark.usefixtures("remote")


def _connection() -> str:
    channel = factories.channel()
    connections.connect_channel(channel=channel, kind="blog", settings={}, secrets=None)
    return f"/channels/{channel.pk}/connection"


def _user() -> str:
    return f"/users/{factories.person('hr').pk}"


def _held() -> str:
    return f"/publications/{publishing.held(factories.publication()).pk}"


def _failed() -> str:
    return f"/publications/{publishing.failed().pk}"


def _sent() -> str:
    return f"/publications/{publishing.sent().pk}"


def _receiver() -> WebhookEndpoint:
    return endpoints.add_endpoint(address="https://intranet.example.org/", event_types=["hire.recorded"])[0]


def _destination() -> Destination:
    server = clean("tests.servers.teams_like")
    address = f"{server.address}{teams_like.PATH}?sig={teams_like.SIGNATURE}"
    return destinations.add_destination(
        by=factories.person("admin"), kind="teams", shared=True, name="Team chat", address=address
    )


def _finished_delivery() -> WebhookDelivery:
    row = endpoints.send_test(endpoint=_receiver())
    WebhookDelivery.objects.filter(pk=row.pk).update(finished_at=row.created_at, outcome="failed")
    return row


def _composed() -> str:
    row = factories.blog_entry()
    chosen = [compositions.ChannelText(factories.channel())]
    compositions.save_composition(
        content=row, version=0, chosen=chosen, times=[factories.in_days(1)], by=factories.person("comms")
    )
    return f"/content/{row.pk}/composition"


def at(folder: str, make: Callable[[], Any]) -> Callable[[], str]:
    return lambda: f"/{folder}/{make().pk}"


def _sections() -> Any:
    return factories.bulletin(
        sections=[
            {"heading": "One", "body": "1"},
            {"kind": "spotlight", "heading": "Two", "body": "2", "team": factories.team()},
        ]
    )


EVENT, VACANCY = at("events", factories.event), at("vacancies", factories.vacancy)
ENTRY, DRAFT = at("blog-entries", factories.blog_entry), at("content", factories.blog_entry)
REVIEWED = at("content", lambda: factories.in_review(factories.vacancy()))
APPROVED = at("content", factories.approved_event)
PLANNED = at("publications", factories.publication)
READY = at("publications", lambda: factories.publication(of=factories.approved_blog_entry()))
DESTINATION = at("notification-destinations", _destination)
RECEIVER = at("webhook-endpoints", _receiver)
STAFF_LIST = at("mailing-lists", lambda: factories.mailing_list())
SUBSCRIBER = at("subscribers", lambda: factories.mailing_list("amy.reader@example.org").subscribers.get())
AGAIN = {"publish_at": "2026-05-01T10:00:00"}

# What is read, how it is changed, and with what body.
CHANGES: list[tuple[Callable[[], str], str, str, Any]] = [
    (lambda: "/organisation", "PATCH", "", {"name": "Langley Green Hospital"}),
    (at("campaigns", factories.campaign), "PATCH", "", {"summary": "x"}),
    (at("teams", factories.team), "PATCH", "", {"location": "x"}),
    (at("channels", factories.channel), "PATCH", "", {"active": False}),
    (_connection, "PUT", "", {"kind": "blog"}),
    (_connection, "POST", "/check", None),
    (at("pauses", lambda: pauses.start_pause(reason="x", by=None)), "POST", "/end", {"held": "keep"}),
    (_connection, "DELETE", "", None),
    (EVENT, "PATCH", "", {"capacity": 5}),
    (EVENT, "POST", "/cancel", None),
    (VACANCY, "PATCH", "", {"hours_per_week": "37.5"}),
    (VACANCY, "POST", "/fill", None),
    (VACANCY, "POST", "/withdraw", None),
    (ENTRY, "PATCH", "", {"body": "New"}),
    (at("bulletins", _sections), "PATCH", "", {"sections": []}),
    (DRAFT, "POST", "/submit", {}),
    (REVIEWED, "POST", "/approve", {}),
    (REVIEWED, "POST", "/return", {"comment": "x"}),
    (APPROVED, "POST", "/withdraw", {}),
    (APPROVED, "POST", "/archive", {}),
    (_composed, "PUT", "", {"version": 1}),
    (_composed, "POST", "/schedule", {"version": 1}),
    (PLANNED, "PATCH", "", {"wording": "x"}),
    (PLANNED, "POST", "/cancel", {}),
    (PLANNED, "POST", "/hold", {}),
    (PLANNED, "POST", "/reschedule", AGAIN),
    (_held, "POST", "/release", None),
    (_failed, "POST", "/retry", None),
    (READY, "POST", "/mark-published", {"at": "2026-03-02T08:00:00Z"}),
    (_sent, "POST", "/mark-taken-down", None),
    (RECEIVER, "PATCH", "", {"description": "x"}),
    (RECEIVER, "DELETE", "", None),
    (RECEIVER, "POST", "/rotate-secret", None),
    (RECEIVER, "POST", "/test", None),
    (DESTINATION, "PATCH", "", {"name": "x"}),
    (DESTINATION, "DELETE", "", None),
    (DESTINATION, "POST", "/test", None),
    (at("webhook-deliveries", _finished_delivery), "POST", "/replay", None),
    (at("mailing-lists", factories.mailing_list), "PATCH", "", {"description": "x"}),
    (STAFF_LIST, "POST", "/import", {"addresses": ["sam@example.org"]}),
    (SUBSCRIBER, "POST", "/unsubscribe", None),
    (SUBSCRIBER, "DELETE", "", None),
    (_user, "PATCH", "", {"name": "Ruth Kaplan-Adeyemi"}),
    (_user, "POST", "/remove-second-step", None),
    (_user, "POST", "/end-sessions", None),
]
NAMES = [f"{method} {change}" for _, method, change, _ in CHANGES]


@pytest.mark.parametrize(("make", "method", "action", "body"), CHANGES, ids=NAMES)
def test_what_get_answers_is_what_if_match_takes(
    api: Api, make: Callable[[], str], method: str, action: str, body: Any
) -> None:
    admin = api.as_("admin")
    factories.person("admin")
    path = make()
    tag = admin.get(path).headers["ETag"]
    lost = admin.send(method, path + action, body, headers={"If-Match": '"what-somebody-read-before"'})
    refused(lost, 412, "changed_meanwhile", "If-Match")
    assert admin.get(path).headers["ETag"] == tag
    won = admin.send(method, path + action, body, headers={"If-Match": f'"other", {tag}'})
    assert won.status_code in (200, 201, 204), won.content


def test_the_second_of_two_who_read_the_same_loses(api: Api) -> None:
    row = factories.vacancy(hours_per_week="37.5")
    path = f"/vacancies/{row.pk}"
    tag = {"If-Match": api.as_("comms").get(path).headers["ETag"]}
    ok(api.as_("comms").patch(path, {"headcount": 2}, headers=tag))
    refused(api.as_("approver").patch(path, {"headcount": 3}, headers=tag), 412, "changed_meanwhile")
    assert ok(api.as_("reader").get(path))["headcount"] == 2
    read_again = {"If-Match": api.as_("approver").get(path).headers["ETag"]}
    assert ok(api.as_("approver").patch(path, {"headcount": 3}, headers=read_again))["headcount"] == 3


def test_a_star_takes_any_state_but_not_nothing(api: Api) -> None:
    row = factories.channel()
    ok(api.as_("admin").patch(f"/channels/{row.pk}", {"active": False}, headers={"If-Match": "*"}))
    path = f"/channels/{row.pk}/connection"
    refused(api.as_("admin").put(path, {"kind": "blog"}, headers={"If-Match": "*"}), 412, "changed_meanwhile")
    ok(api.as_("admin").put(path, {"kind": "blog"}))
    ok(api.as_("admin").put(path, {"kind": "blog"}, headers={"If-Match": "*"}))


def test_a_weak_tag_never_matches(api: Api) -> None:
    path = f"/teams/{factories.team().pk}"
    weak = "W/" + api.as_("admin").get(path).headers["ETag"]
    refused(api.as_("admin").patch(path, {"location": "x"}, headers={"If-Match": weak}), 412)


@pytest.mark.parametrize(
    "path", ["/teams", "/teams?limit=1&count=true", "/teams/1", "/content", "/calendar?from=2026-03-01&to=2026-04-01"]
)
def test_what_is_unchanged_is_a_304(api: Api, path: str, clock: Any) -> None:
    team = factories.team()
    factories.team()
    factories.event(starts_at=factories.in_days(3))
    path = path.replace("/teams/1", f"/teams/{team.pk}")
    reader = api.as_("reader")
    first = reader.get(path)
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    clock.shift(5)
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        answer = reader.get(path, headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", tag), known
    assert reader.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_304_is_not_given_to_those_who_may_not_read(api: Api, outsider: Api) -> None:
    path = f"/teams/{factories.team().pk}"
    refused(outsider.get(path, headers={"If-None-Match": "*"}), 401)


def _own(path: str) -> str:
    """What follows the address that is read."""
    return path.partition("}")[2].removeprefix("/connection").removeprefix("/composition")


def test_every_change_is_tried_here(api: Api) -> None:
    """A new operation that takes If-Match must be added to CHANGES."""
    elsewhere = {"candidates", "hires", "api-keys", "me", "links", "recurrences"}
    expected = set()
    for path, operations in DOCUMENT["paths"].items():
        if "/slots" in path or "/quiet-periods" in path:
            continue  # they are added and removed, never changed
        if path.endswith("/presence"):
            continue  # says that somebody is there, and changes nothing that is read
        folder, _, rest = path.removeprefix("/api/v1/").partition("/")
        for method, operation in operations.items():
            if folder not in elsewhere and any(given["name"] == "If-Match" for given in operation["parameters"]):
                expected.add((folder, method.upper(), _own(rest)))
    assert {(_folder(make), method, action) for make, method, action, _ in CHANGES} == expected


def _folder(make: Callable[[], str]) -> str:
    """Of the address of what is made, which is forgotten: a pause of everything is among them."""
    with transaction.atomic():
        folder = make().split("/")[1]
        transaction.set_rollback(True)
    return folder
