"""Holds every route of the document against the tables of acts and roles, so that a new route cannot be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from backend.accounts import roles
from backend.accounts.models import Role
from backend.api import acts
from backend.console import urls
from tests.api.document import DOCUMENT
from tests.conftest import Api

NAMES = {name.replace(".", "_"): name for name in acts.ACTS}


def routes() -> Iterator[tuple[str, str, str]]:
    """Operation id, method and path of every route, its parameters filled in."""
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            named = {p["name"]: p["schema"] for p in operation.get("parameters", []) if p["in"] == "path"}
            filled = re.sub(r"{(\w+)}", lambda part, named=named: _example(named[part[1]]), path)
            yield operation["operationId"], method.upper(), filled


def _example(schema: dict) -> str:
    return str(schema["enum"][0]) if "enum" in schema else "1"


ROUTES = list(routes())


def test_every_operation_of_the_table_is_a_route_and_every_route_is_in_the_table() -> None:
    assert sorted(NAMES[operation] for operation, _, _ in ROUTES) == sorted(acts.ACTS)


@pytest.fixture(scope="module")
def everybody(module_db: None) -> dict[str, Api]:
    """A key of each role."""
    nobody = Api()
    return {role: nobody.as_(role) for role in Role.values}


@pytest.mark.parametrize(("operation", "method", "path"), ROUTES, ids=[route[0] for route in ROUTES])
def test_a_route_lets_in_exactly_whom_the_table_names(
    everybody: dict[str, Api], outsider: Api, operation: str, method: str, path: str
) -> None:
    """The gate answers before the body is read, so an empty one tells enough."""
    answer = outsider.send(method, path)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_signed_in")
    for role in Role.values:
        answer = everybody[role].send(method, path)
        if role in acts.allowed_roles(NAMES[operation]):
            assert answer.status_code not in (401, 403, 405), role
            assert answer.status_code < 500, role
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "role"), role


def test_readers_change_nothing_but_their_own() -> None:
    changing = {NAMES[operation] for operation, method, _ in ROUTES if method != "GET"}
    for_readers = {name for name in changing if Role.READER in acts.allowed_roles(name)}
    assert {name.split(".")[0] for name in for_readers} == {"me", "notifications"}


def test_every_act_is_one_of_an_operation_or_of_a_page() -> None:
    pages = {pattern.callback.act for pattern in urls.urlpatterns if hasattr(pattern.callback, "act")}
    asked = pages | set(acts.ACTS.values())
    assert set(roles.ACTS) == asked
