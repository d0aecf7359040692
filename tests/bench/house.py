"""A filled house as readers and programs meet it: items on both surfaces, a tracked link and an entry of the audit
trail for each publication, and a program that asks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from auditlog.models import LogEntry as Action
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from backend.accounts.services import create_api_key
from backend.audit.models import LogEntry
from campaigns.hiring.links import ALPHABET, CODE_LENGTH
from campaigns.hiring.models import NotCounted, TrackedLink, Visit
from campaigns.planning.models import BlogEntry, Content, Event, Publication, Vacancy
from campaigns.website.items import build_item, put_item
from campaigns.website.models import Item, Surface
from campaigns.website.page_document import build_page_document
from tests.bench import harness

BATCH = 5000
HOST = "127.0.0.1"
_published: set[int] = set()


def program() -> Client:
    """Asks in process, through all middleware, with an administrator's API key of the present database."""
    _, secret = create_api_key(name="Benchmark", role="admin")
    return Client(SERVER_NAME=HOST, HTTP_AUTHORIZATION=f"Bearer {secret}")


def person() -> Client:
    """Asks in process, through all middleware, as a communications officer who has signed in."""
    email = "benchmark@example.org"
    officer = User.objects.filter(email=email).first() or User.objects.create_person(
        email=email, name="Benchmark", role="comms"
    )
    client = Client(SERVER_NAME=HOST)
    client.force_login(officer)
    return client


def published(publications: int) -> BaseDatabaseWrapper:
    """`harness.filled`, with everything on show that a house of this size shows; made once a run."""
    wrapper = harness.filled(publications)
    if publications not in _published:
        _published.add(publications)
        with harness.on(wrapper), transaction.atomic():
            _put_on_show()
            TrackedLink.objects.bulk_create(_links(), batch_size=BATCH)
            Visit.objects.bulk_create(_visits(), batch_size=BATCH)
            LogEntry.objects.bulk_create(_trail(), batch_size=BATCH)
    return wrapper


def folder_of(wrapper: BaseDatabaseWrapper) -> Path:
    """What a web server or worker of this database takes as DATA_DIR."""
    return Path(wrapper.settings_dict["NAME"]).parent


def _put_on_show() -> None:
    """All content on both surfaces; the last one by the service, which raises the surface's version."""
    rows = [row for model in (Event, Vacancy, BlogEntry) for row in model.objects.all()]
    for surface in Surface.values:
        Item.objects.bulk_create(_items(surface, rows[:-1]), batch_size=BATCH)
        put_item(
            surface=surface,
            key=f"{surface}-last",
            document=build_page_document(rows[-1]),
            apply_link="",
            at=timezone.now(),
        )


def _items(surface: str, rows: list[Content]) -> Iterator[Item]:
    now = timezone.now()
    for number, row in enumerate(rows):
        at = now - timedelta(minutes=10 * (1 + number * 7919 % len(rows)))
        link = f"http://{HOST}/r/{_code(number)}"
        item = build_item(build_page_document(row), at=at, surface=surface, apply_link=link)
        item.key = f"{surface}-{row.pk}"
        yield item


def _code(number: int) -> str:
    digits = []
    for _ in range(CODE_LENGTH):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return "".join(digits)


def _links() -> Iterator[TrackedLink]:
    rows = Publication.objects.order_by("pk").values_list("pk", "channel_id", "content_id")
    for number, (pk, channel, content) in enumerate(rows.iterator(BATCH)):
        target = f"https://jobs.example/{content}"
        yield TrackedLink(code=_code(number), target=target, channel_id=channel, content_id=content, publication_id=pk)


def _visits() -> Iterator[Visit]:
    """Two of each link, one of them by a crawler in every fifth."""
    now = timezone.now()
    for number, pk in enumerate(TrackedLink.objects.order_by("pk").values_list("pk", flat=True).iterator(BATCH)):
        at = now - timedelta(minutes=number % 500_000)
        yield Visit(link_id=pk, at=at)
        yield Visit(link_id=pk, at=at, not_counted="" if number % 5 else NotCounted.CRAWLER)


def _trail() -> Iterator[LogEntry]:
    kind = ContentType.objects.get_for_model(Publication)
    for pk in Publication.objects.order_by("pk").values_list("pk", flat=True).iterator(BATCH):
        yield LogEntry(
            content_type=kind,
            object_pk=str(pk),
            object_id=pk,
            object_repr=f"Publication {pk}",
            action=Action.Action.CREATE,
            changes={"state": ["None", "scheduled"]},
            through=LogEntry.Through.API_KEY,
        )
