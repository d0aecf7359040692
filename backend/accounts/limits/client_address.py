"""Where a request comes from, and whose that address is."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

HOME = 64
"""Bits of an IPv6 address that name one line: whoever has it chooses the rest anew for each request (RFC 6177)."""
SITE = 48
"""Bits that name one customer of a provider, who has up to 65,536 such lines."""


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


def line_of(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 of an IPv6 one. All unknown ones together are one."""
    known = _ipv6(address)
    return str(ip_network((known, HOME), strict=False)) if known else _ipv4(address)


def site_of(address: str) -> str:
    """The /48 of an IPv6 address; empty for all others."""
    known = _ipv6(address)
    return str(ip_network((known, SITE), strict=False)) if known else ""


def _ipv6(address: str) -> IPv6Address | None:
    known = ip_address(address) if address else None
    return known if isinstance(known, IPv6Address) and known.ipv4_mapped is None else None


def _ipv4(address: str) -> str:
    known = ip_address(address) if address else None
    return str(known.ipv4_mapped) if isinstance(known, IPv6Address) else address
