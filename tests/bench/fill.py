"""Fills the default database quickly with a plausible house: campaigns, teams, channels, content, publications over
two years before and after now, candidates and hires. The same sizes always give the same rows, relative to now.

The current month holds the same number of publications and dates in a house of any size, so that what a month costs
can be compared.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import count as counting
from itertools import islice
from typing import TypeVar

from django.db import connection, models, transaction
from django.utils import timezone

from campaigns.hiring.models import Candidate, Credit, Hire, Touch
from campaigns.hiring.services.credit import build_credits
from campaigns.planning import search
from campaigns.planning.models import (
    BlogEntry,
    Campaign,
    Channel,
    Content,
    ContentKind,
    ContentState,
    Event,
    EventKind,
    Publication,
    PublicationState,
    Reason,
    SearchWord,
    SentPost,
    StaffGroup,
    Team,
    Vacancy,
)

DAY = timedelta(days=1)
SPAN = timedelta(days=730)
OPEN_FOR = timedelta(days=28)
CAMPAIGNS, TEAMS = 24, 40
IN_MONTH = 120
"""Publications in the current month, and as many dates of content, where there are that many."""
BATCH = 5000
_SEED = 20181001

Row = TypeVar("Row", bound=models.Model)


def everything(publications: int) -> None:
    """Content is a tenth of the publications (at least IN_MONTH of each kind), candidates half as many
    as publications."""
    chance = random.Random(_SEED)
    now = timezone.now().replace(microsecond=0)
    with transaction.atomic():
        campaigns, teams, channels = _campaigns(now), _teams(), _channels()
        content = _content(max(3 * IN_MONTH, publications // 10), now, campaigns, teams, chance)
        _publications(publications, now, content, channels, chance)
        _candidates(publications // 2, now, channels, chance)


def month_of(now: datetime) -> tuple[datetime, datetime]:
    start = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return start, (start + timedelta(days=32)).replace(day=1)


def _moments(now: datetime, chance: random.Random, *, apart: timedelta = timedelta(0)) -> Iterator[datetime]:
    """The first IN_MONTH fall into the current month; all others outside, and so do they with `apart` added."""
    start, end = month_of(now)
    for n in counting():
        at = start + (end - start) * chance.random() if n < IN_MONTH else now + SPAN * chance.uniform(-1, 1)
        while n >= IN_MONTH and (start <= at < end or start <= at + apart < end):
            at = now + SPAN * chance.uniform(-1, 1)
        yield at


def _insert(model: type[Row], rows: Iterator[Row]) -> None:
    while batch := list(islice(rows, BATCH)):
        model._default_manager.bulk_create(batch)


def _insert_parted(model: type[Content], rows: Sequence[Content]) -> None:
    """bulk_create refuses models that inherit a table: the shared part goes first, then the kind's own part, whose
    columns alone are written."""
    shared = [field.attname for field in Content._meta.concrete_fields]
    Content.objects.bulk_create(
        [Content(**{name: getattr(row, name) for name in shared}) for row in rows], batch_size=BATCH
    )
    ids = dict(Content.objects.filter(guid__in=[row.guid for row in rows]).values_list("guid", "pk"))
    own = model._meta.local_concrete_fields
    for row in rows:
        row.pk = ids[row.guid]
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in own)
    places = ", ".join(["%s"] * len(own))
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {table} ({columns}) VALUES ({places})",  # noqa: S608 - names come from the model
            [[field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in own] for row in rows],
        )


def _campaigns(now: datetime) -> list[Campaign]:
    start = (now - SPAN).date()
    step = SPAN * 2 / CAMPAIGNS
    return Campaign.objects.bulk_create(
        Campaign(
            name=f"Campaign {n}",
            slug=f"campaign-{n}",
            purpose=Campaign.Purpose.RECRUITMENT if n % 2 else Campaign.Purpose.ENGAGEMENT,
            starts_on=start + step * n,
            ends_on=start + step * (n + 2),
            hashtags=["nhsjobs", f"campaign{n}"],
        )
        for n in range(CAMPAIGNS)
    )


def _teams() -> list[Team]:
    return Team.objects.bulk_create(Team(name=f"Team {n}", location=f"House {n % 7}") for n in range(TEAMS))


def _channels() -> list[Channel]:
    return Channel.objects.bulk_create(
        Channel(name=f"{category.label} {n}", slug=f"{category.value.replace('_', '-')}-{n}", category=category)
        for category in Channel.Category
        for n in range(2)
    )


def _content(
    count: int, now: datetime, campaigns: list[Campaign], teams: list[Team], chance: random.Random
) -> list[Content]:
    """Approved content of three kinds in equal parts."""
    makers: dict[type[Content], Callable[[int, datetime, Team], Content]] = {
        Event: _event,
        Vacancy: _vacancy,
        BlogEntry: _blog_entry,
    }
    for part, (model, make) in enumerate(makers.items()):
        rows = []
        for n, at in zip(range(part, count, len(makers)), _moments(now, chance, apart=OPEN_FOR), strict=False):
            row = make(n, at, teams[n % len(teams)])
            row.guid = uuid.UUID(int=chance.getrandbits(128), version=4)
            row.slug = f"content-{n}"
            row.summary = "What it is about, in two sentences. Who may come, and how."
            row.campaign = campaigns[n % len(campaigns)]
            row.tags = ["bench", f"tag-{n % 10}"]
            row.state = ContentState.APPROVED
            row.approved_at = now - SPAN
            rows.append(row)
        for start in range(0, len(rows), BATCH):
            _insert_parted(model, rows[start : start + BATCH])
        _insert(SearchWord, (each for row in rows for each in search.rows(row.pk, search.words_of_row(row))))
    return list(Content.objects.order_by("pk"))


def _event(n: int, at: datetime, team: Team) -> Content:
    return Event(
        kind=ContentKind.EVENT,
        title=f"Event {n}",
        event_kind=EventKind.values[n % len(EventKind.values)],
        body="Come and meet the team.\n" * 10,
        place="Main hall",
        starts_at=at,
        ends_at=at + timedelta(hours=2),
        host_team=team,
    )


def _vacancy(n: int, at: datetime, team: Team) -> Content:
    return Vacancy(
        kind=ContentKind.VACANCY,
        title=f"Vacancy {n}",
        reference=f"BENCH-{n}",
        body="What you will do.\n" * 20,
        team=team,
        staff_group=StaffGroup.values[n % len(StaffGroup.values)],
        pay_band="Band 5",
        salary_min_pence=2_800_000,
        salary_max_pence=3_400_000,
        location="Langley Green",
        opens_at=at,
        closes_at=at + OPEN_FOR,
        apply_url=f"https://jobs.example/{n}",
    )


def _blog_entry(n: int, _: datetime, __: Team) -> Content:
    return BlogEntry(kind=ContentKind.BLOG_ENTRY, title=f"Blog entry {n}", body="A paragraph of the entry.\n\n" * 20)


def _publications(
    count: int, now: datetime, content: list[Content], channels: list[Channel], chance: random.Random
) -> None:
    """Over the whole span and in no order of time; what is past was sent, except for one in fifty."""

    def rows() -> Iterator[Publication]:
        for n, at in zip(range(count), _moments(now, chance), strict=False):
            state, past = PublicationState.SCHEDULED, at < now
            if past:
                state = PublicationState.SENT if n % 50 else PublicationState.FAILED
            sent, failed = state == PublicationState.SENT, state == PublicationState.FAILED
            yield Publication(
                content=content[n % len(content)],
                channel=channels[n % len(channels)],
                wording=f"Publication {n}: come and see what we do, and bring a friend.",
                publish_at=at,
                due_at=at,
                created_at=at - timedelta(days=7),
                state=state,
                reason_code=Reason.REFUSED_BY_CHANNEL if failed else "",
                needs_person=failed,
                sent_at=at + timedelta(seconds=1) if sent else None,
                key=uuid.UUID(int=chance.getrandbits(128), version=4) if past else None,
                fence=int(past),
                tries=int(past),
            )

    _insert(Publication, rows())
    sent = Publication.objects.filter(state=PublicationState.SENT).order_by("pk").values_list("pk", "sent_at")
    _insert(
        SentPost,
        (
            SentPost(
                publication_id=pk,
                kind="mastodon",
                account="@bench",
                remote_id=str(pk),
                url=f"https://social.example/{pk}",
                text=f"Publication {pk}: come and see what we do, and bring a friend.",
                fingerprint=f"{pk:064x}",
                at=at,
            )
            for pk, at in list(sent)
        ),
    )


def _candidates(count: int, now: datetime, channels: list[Channel], chance: random.Random) -> None:
    """One in ten was hired; one in three says where they heard of the post, and everyone met us twice before."""
    vacancies = list(Vacancy.objects.values_list("pk", flat=True))
    applied = [now - SPAN * chance.random() for _ in range(count)]
    _insert(
        Candidate,
        (
            Candidate(
                reference=f"BENCH-C{n}",
                vacancy_id=vacancies[n % len(vacancies)],
                stated_channel=None if n % 3 else channels[n % len(channels)],
                applied_at=applied[n],
            )
            for n in range(count)
        ),
    )
    people = list(Candidate.objects.order_by("pk").values_list("pk", "vacancy_id", "applied_at"))
    _insert(
        Touch,
        (
            Touch(candidate_id=pk, channel=channels[(n + days) % len(channels)], kind="recorded", at=at - days * DAY)
            for n, (pk, _, at) in enumerate(people)
            for days in (3, 20)
            if at is not None
        ),
    )
    _insert(
        Hire,
        (
            Hire(candidate_id=pk, vacancy_id=vacancy, accepted_on=(at + 30 * DAY).date())
            for n, (pk, vacancy, at) in enumerate(people)
            if n % 10 == 0 and vacancy is not None and at is not None
        ),
    )
    hires = Hire.objects.select_related("candidate").prefetch_related("candidate__touches")
    _insert(Credit, (row for hire in hires.iterator(chunk_size=BATCH) for row in build_credits(hire)))
