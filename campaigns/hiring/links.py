"""Makes tracked links and finds them by their code. Redirecting, QR codes and counting are left to others."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction

from campaigns.hiring.errors import HiringRefused, InvalidHiring
from campaigns.hiring.models import TrackedLink
from campaigns.planning.models import Channel, Content, ContentKind, Publication, Vacancy

# Read from posters and typed by hand: no 0/o, 1/l/i, and no vowels, so that no code spells a word.
ALPHABET = "23456789bcdfghjkmnpqrstvwxyz"
CODE_LENGTH = 8  # 28^8 is 3.8 × 10^11: with 100,000 links a guess finds one in 3.8 million
_TRIES = 5


def link_for_publication(*, publication: Publication, page_url: str) -> TrackedLink:
    """The one tracked link of this publication, made on the first call.

    Leads to the vacancy's application address, and for every other kind to `page_url`, the house's own page.
    Side effects: one row. Raises InvalidHiring where the target is no web address. Called twice, even at the
    same moment, it returns the same link with the same code; a target that has changed is brought up to date."""
    target = _target(publication.content, page_url)
    link: TrackedLink | None = getattr(publication, "link", None)
    if link is None:
        return add_publication_link(publication=publication, page_url=page_url)
    if link.target != target:
        TrackedLink.objects.filter(pk=link.pk).update(target=target)
        link.target = target
    return link


def add_publication_link(*, publication: Publication, page_url: str) -> TrackedLink:
    """The same for a publication that was planned in this transaction, and so has none yet. Side effects: one row.
    Raises InvalidHiring as `link_for_publication` does."""
    target = _target(publication.content, page_url)
    publication.link = _insert(target, publication.channel, publication.content, publication)
    return publication.link


def make_link(*, channel: Channel, content: Content, target: str | None = None, page_url: str) -> TrackedLink:
    """A tracked link for a channel without publications: a poster, a stall, a leaflet.

    Leads to `target`, or without one to where a publication of this content would lead. Side effects: one row.
    Raises InvalidHiring (field `target` or `page_url`) for anything but an http or https address. Called twice it
    makes two links: two posters can be told apart."""
    address = _target(content, page_url) if target is None else _web_address(target, "target")
    return _insert(address, channel, content, None, follows_content=target is None)


def follow_content(*, content: Content, page_url: str) -> int:
    """Lead every link of this content where it says now, but those with a target of their own. Returns how many
    changed. Raises InvalidHiring where the target is no web address."""
    target = _target(content, page_url)
    following = TrackedLink.objects.filter(content_id=content.pk, follows_content=True)
    return following.exclude(target=target).update(target=target)


def find_link(code: str) -> TrackedLink | None:
    """The link with this code, however it was typed: capitals and spaces around it do not matter."""
    wanted = code.strip().lower()
    if not set(wanted) <= set(ALPHABET):
        return None
    return TrackedLink.objects.select_related("channel").filter(code=wanted).first()


def _target(content: Content, page_url: str) -> str:
    if content.kind == ContentKind.VACANCY:
        vacancy = content.specific
        assert isinstance(vacancy, Vacancy)  # noqa: S101 - for the type checker
        return _web_address(vacancy.apply_url, "apply_url")
    return _web_address(page_url, "page_url")


def _web_address(value: str, field: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        usable = False
    if not usable or len(value) > 1000 or any(char.isspace() or not char.isprintable() for char in value):
        raise InvalidHiring(
            "Enter a web address that starts with http:// or https:// and has up to 1,000 characters.",
            code="bad_target",
            field=field,
        )
    return value


def _insert(
    target: str, channel: Channel, content: Content, publication: Publication | None, *, follows_content: bool = True
) -> TrackedLink:
    """Two things can be in the way: another worker made this publication's link, or the code is taken."""
    for _ in range(_TRIES):
        code = _new_code()
        try:
            with transaction.atomic():
                return TrackedLink.objects.create(
                    code=code,
                    target=target,
                    channel=channel,
                    content=content,
                    publication_id=publication.pk if publication else None,  # the row itself would remember a failure
                    follows_content=follows_content,
                )
        except IntegrityError:
            made = publication and TrackedLink.objects.filter(publication=publication).first()
            if made:
                return made
    raise HiringRefused("We could not create a code for this link. Try again.", code="no_free_code")


def _new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
