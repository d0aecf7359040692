"""Short links: they lead on at once, and the opening is counted without cookies."""

from __future__ import annotations

from ipaddress import ip_address

import structlog
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

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


def client_address(request: HttpRequest) -> str:
    """Where the request came from; empty when that is not known. Never stored and never logged.

    Each trusted proxy adds the address that it sees at the right end of X-Forwarded-For, so the entry that the
    outermost one wrote is that many from the right; what stands left of it is only what the client says of itself.
    """
    address = request.META.get("REMOTE_ADDR", "")
    proxies: int = settings.ENV.trusted_proxies
    if proxies:
        seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
        address = seen[-proxies] if len(seen) >= proxies else ""
    if address.count(":") == 1:  # IPv4 with a port
        address = address.partition(":")[0]
    try:
        return str(ip_address(address.partition("]")[0].lstrip("[")))
    except ValueError:
        return ""
