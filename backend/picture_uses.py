"""Where a picture is used, told for people and programs: what each row that shows it is called, and whose it is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from campaigns.planning.models import Composition, Content, Organisation, Publication
from campaigns.website import addresses
from campaigns.website.models import Item
from media.models import PictureUse
from scheduler.mail.models import Mailing

Kind = Literal["content", "text", "publication", "composition", "organisation", "item", "mailing"]


@dataclass(frozen=True)
class Use:
    kind: str
    """As in Kind: the picture chosen for a content, its text, one of its publications, what is being composed for it,
    the organisation's logo, an item on a page of ours, or a mailing."""
    id: int
    """Of the row of this kind; of a text, the content's."""
    title: str
    """The content's, or the organisation's name."""
    where: str
    """The channel or the page that shows it, where it is one."""
    content_id: int | None = None
    publication_id: int | None = None
    page: str = ""
    """The path of an item's page."""


def describe(rows: Sequence[PictureUse]) -> list[Use]:
    """The uses in this order, in one query for each kind among them."""
    ids: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        ids[row.kind].append(row.row_id)
    found = {(use.kind, use.id): use for kind, of_kind in ids.items() for use in _KINDS[kind](kind, of_kind)}
    return [found[row.kind, row.row_id] for row in rows]


def _contents(kind: str, ids: list[int]) -> Iterator[Use]:
    for pk, title in Content.objects.filter(pk__in=ids).values_list("pk", "title"):
        yield Use(kind, pk, title, "", content_id=pk)


def _publications(kind: str, ids: list[int]) -> Iterator[Use]:
    columns = ("pk", "content__title", "channel__name", "content_id")
    for pk, title, channel, content_id in Publication.objects.filter(pk__in=ids).values_list(*columns):
        yield Use(kind, pk, title, channel, content_id=content_id, publication_id=pk)


def _compositions(kind: str, ids: list[int]) -> Iterator[Use]:
    columns = ("pk", "content__title", "content_id")
    for pk, title, content_id in Composition.objects.filter(pk__in=ids).values_list(*columns):
        yield Use(kind, pk, title, "", content_id=content_id)


def _organisation(kind: str, ids: list[int]) -> Iterator[Use]:
    for pk, name in Organisation.objects.filter(pk__in=ids).values_list("pk", "name"):
        yield Use(kind, pk, name, "")


def _items(kind: str, ids: list[int]) -> Iterator[Use]:
    for item in Item.objects.filter(pk__in=ids).only("title", "surface", "kind", "slug", "content_id"):
        page = addresses.page_path(surface=item.surface, kind=item.kind, slug=item.slug)
        yield Use(kind, item.pk, item.title, item.get_surface_display(), content_id=item.content_id, page=page)


def _mailings(kind: str, ids: list[int]) -> Iterator[Use]:
    rows = Mailing.objects.filter(pk__in=ids).select_related("channel", "publication__content")
    for row in rows:
        post = row.publication
        yield Use(
            kind,
            row.pk,
            post.content.title if post else "A mailing",
            row.channel.name,
            content_id=post.content_id if post else None,
            publication_id=post.pk if post else None,
        )


_KINDS: dict[str, Callable[[str, list[int]], Iterator[Use]]] = {
    "content": _contents,
    "text": _contents,
    "publication": _publications,
    "composition": _compositions,
    "organisation": _organisation,
    "item": _items,
    "mailing": _mailings,
}
