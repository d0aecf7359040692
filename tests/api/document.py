"""The API's document, made as its own address makes it: once a process, for that takes more than a second."""

from __future__ import annotations

from typing import Any

from backend.api.api import api

DOCUMENT: dict[str, Any] = api.get_openapi_schema(path_params={})
