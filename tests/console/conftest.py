"""Addresses of pages that other branches bring, so that links to them can be made here. Nothing is left of it once
they are merged: then delete it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, clear_url_caches, path, reverse

from backend.console import urls

AWAITED = {
    "content": "content_id",
    "vacancies": "",
    "new_vacancy": "",
    "new_event": "",
    "new_blog_entry": "",
    "new_bulletin": "",
    "candidates": "",
    "hires": "",
    "source_of_hire": "",
    "links": "",
}


def _nothing(request: HttpRequest, **named: int) -> HttpResponse:
    return HttpResponse()


@pytest.fixture(autouse=True, scope="session")
def awaited_pages() -> Iterator[None]:
    known = len(urls.urlpatterns)
    for name, key in AWAITED.items():
        try:
            reverse(f"console:{name}", kwargs={key: 1} if key else None)
        except NoReverseMatch:
            place = f"awaited/{name}" + (f"/<int:{key}>" if key else "")
            urls.urlpatterns.append(path(place, _nothing, name=name))
    clear_url_caches()
    yield
    del urls.urlpatterns[known:]
    clear_url_caches()
