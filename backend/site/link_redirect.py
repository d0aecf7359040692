"""Short links: they lead on at once, and the opening is counted without cookies."""

from __future__ import annotations

import structlog
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from backend.accounts.limits.client_address import client_address
from backend.site.http.http_cache import reads
from campaigns.hiring import links, visits

log = structlog.get_logger("promenade.site")


@reads
def follow_link(request: HttpRequest, code: str) -> HttpResponse:
    """To the target that was registered for the code; nothing of the request has a say in where that is."""
    link = links.find_link(code)
    if link is None:
        raise Http404
    try:
        visits.record_visit(
            link=link,
            method=request.method or "GET",
            headers=request.headers,
            address=client_address(request),
            at=timezone.now(),
        )
    except Exception as error:  # whoever follows a link gets there, whatever counting runs into
        log.exception("visit not counted", error=type(error).__name__)
    response = HttpResponseRedirect(link.target)
    response.headers["Cache-Control"] = "no-store"  # a redirect from a cache would be a visit unseen
    response.headers["X-Robots-Tag"] = "noindex"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
