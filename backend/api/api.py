"""The API as a whole: its routers, its errors, its document."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from backend.api import acts, problems
from backend.api.authorization import Bearer, authorize_request, operation_name
from backend.api.parsing import StrictParser
from backend.api.resources import ROUTERS
from backend.api.schemas import Problem

DESCRIPTION = """\
Plan, approve, publish, and trace hires. Everything that the console does goes through the same services.

**Signing in.** Programs send `Authorization: Bearer <API key>`. Each key has one role; each operation below names
the roles that may call it.

**Lists** come in pages: give `next` back as `cursor`. A page stays right while rows are added.

**Repeating safely.** Send an `Idempotency-Key` with any POST: the same key and body answer the first result.

**Not overwriting.** GET answers an `ETag`; send it as `If-Match` with a change, and a lost race is a 412.

**Errors** are `application/problem+json` with a stable `code`, a sentence that helps, and every bad field.
"""

PROBLEMS = {
    "400": "The request could not be read",
    "401": "Nobody is signed in, or the API key is not valid",
    "403": "This role or this person cannot do this",
    "404": "There is nothing with this id",
    "405": "This address does not take this method",
    "409": "The row is not in a state that allows this, or the first request with this key is still running",
    "412": "Someone changed it after it was read",
    "413": "The request is too large",
    "422": "A field is missing or not valid",
}


ROLES = {name.replace(".", "_"): acts.allowed_roles(name) for name in acts.ACTS}


class PromenadeAPI(NinjaAPI):
    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation_name(operation.view_func).replace(".", "_")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._documents: dict[str, OpenAPISchema] = {}

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Made once a process for each prefix: making it takes more than a second."""
        wanted = repr(sorted(options.items()))
        if wanted not in self._documents:
            self._documents[wanted] = self._make_document(**options)
        return self._documents[wanted]

    def _make_document(self, **options: Any) -> OpenAPISchema:
        document = super().get_openapi_schema(**options)
        document["components"]["schemas"]["Problem"] = Problem.model_json_schema(
            ref_template="#/components/schemas/{model}"
        )
        definitions = document["components"]["schemas"]["Problem"].pop("$defs", {})
        document["components"]["schemas"].update(definitions)
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                _complete(path, method, operation)
        return document


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """Add what every operation answers, takes and asks for, so that no resource has to repeat it."""
    may = f"Roles: {', '.join(sorted(ROLES[operation['operationId']]))}."
    operation["description"] = f"{operation.get('description', '')}\n\n{may}".strip()
    content = {problems.CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, description in PROBLEMS.items():
        operation["responses"].setdefault(status, {"description": description, "content": content})
    parameters = operation.setdefault("parameters", [])
    if method == "get":
        operation["responses"]["304"] = {"description": "Unchanged since the ETag given as If-None-Match"}
        parameters.append(_header("If-None-Match", "An ETag; an unchanged answer is a 304."))
    if method == "post":
        parameters.append(_header("Idempotency-Key", "1 to 255 printable characters; the same request has one effect."))
    if method in ("patch", "put", "delete") or (method == "post" and "{" in path):
        parameters.append(_header("If-Match", "The ETag that was read; a lost race is a 412."))


def _header(name: str, description: str) -> dict[str, Any]:
    return {
        "in": "header",
        "name": name,
        "required": False,
        "description": description,
        "schema": {"type": "string"},
    }


api = PromenadeAPI(
    title="Promenade",
    version="1",
    description=DESCRIPTION,
    auth=Bearer(),
    parser=StrictParser(),
    openapi_url="/openapi.json",
    docs_url="/docs",
    urls_namespace="api",
)
problems.install(api)
api.add_decorator(authorize_request, mode="view")
for prefix, router in ROUTERS.items():
    api.add_router(prefix, router)
