"""What Prometheus asks, with a key."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client.exposition import choose_encoder

from backend.metrics.collector import registry
from backend.site.http.http_cache import reads


@reads
def metrics(request: HttpRequest) -> HttpResponse:
    """Only with the key, and only in its header: addresses end up in logs. Where none is set there is no such page."""
    if not settings.METRICS_KEY:
        raise Http404
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not constant_time_compare(given.strip(), settings.METRICS_KEY):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer", "Cache-Control": "no-store"})
    encode, media_type = choose_encoder(request.headers.get("Accept", ""))
    return HttpResponse(encode(registry), content_type=media_type, headers={"Cache-Control": "no-store"})
