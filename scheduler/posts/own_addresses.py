"""The content's own address where somebody wrote it into a wording: the tracked link takes its place, so that whoever
follows it is counted and nothing stands there twice."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, unquote, urlsplit

from campaigns.planning.models import Content, ContentKind, Vacancy
from campaigns.website import addresses
from campaigns.website.bare_addresses import CHARACTER, without_trailing

TRACKING = re.compile(r"utm_|(?:fbclid|gclid|msclkid|mc_cid|mc_eid)$", re.IGNORECASE)
"""Parameters that say where a reader came from, and nothing of what is meant."""
Address = tuple[str, int | None, str, tuple[tuple[str, str], ...]]


def own_addresses(content: Content) -> list[str]:
    """Its page, on either of our surfaces, and where to apply."""
    found = addresses.pages_of(content)
    specific = content.specific if content.kind == ContentKind.VACANCY else None
    return [*found, specific.apply_url] if isinstance(specific, Vacancy) and specific.apply_url else found


def put_link(text: str, link: str, own: Iterable[str]) -> str:
    """The text with `link` in place of each of these addresses, in whatever form they are written: with or without
    scheme, last slash and tracking parameters, and in capitals."""
    wanted = {address for each in own if (address := _address(each)) is not None}
    hosts = "|".join(sorted(re.escape(host) for host, *_ in wanted))
    if not hosts:
        return text
    written = rf"(?<![\w@./-])(?:https?://)?(?:{hosts})(?::\d{{1,5}})?(?![\w.-]*\w)(?:[/?#]{CHARACTER}*)?"

    def replace(found: re.Match[str]) -> str:
        address = without_trailing(found[0])
        return link + found[0][len(address) :] if _address(address) in wanted else found[0]

    return re.sub(written, replace, text, flags=re.IGNORECASE)


def _address(written: str) -> Address | None:
    """What makes two addresses one; None for what is no address."""
    try:
        parts = urlsplit(written if "://" in written else f"https://{written}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host:
        return None
    parameters = parse_qsl(parts.query, keep_blank_values=True)
    query = tuple(sorted(each for each in parameters if not TRACKING.match(each[0])))
    return host, None if port in (80, 443) else port, unquote(parts.path).rstrip("/"), query
