"""The engine's hot statements: what every post passes on its way out.

Putting them together by the ORM costs several times what carrying them out does. So a query is put together once and
kept, and what a post changes is written as SQL, with tables and columns from the models. A move that is made here is
one that campaigns.planning.states allows, sets what it would set, and is announced by whoever calls.
"""

# ruff: noqa: S608 - what is put into a statement are names from the models and words of our own

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators

from campaigns.planning.models import Channel, Content, ContentState, Pause, Publication, PublicationState, SentPost
from scheduler.channels.contract import Receipt
from scheduler.connections.models import Connection
from scheduler.engine.models import Attempt
from scheduler.models import WebhookEndpoint

Row = TypeVar("Row", bound=Model)


class PreparedQuery(Generic[Row]):
    """A queryset with whole numbers as parameters, put together once for each kind of database."""

    def __init__(self, build: Callable[..., QuerySet[Row]]) -> None:
        self._build = build
        self._kept: dict[str, _Compiled] = {}

    def rows(self, **values: int) -> list[Row]:
        if connection.vendor not in self._kept:
            self._kept[connection.vendor] = _Compiled.of(self._build, list(values))
        found: list[Row] = self._kept[connection.vendor].rows(values)
        return found


@dataclass(frozen=True)
class _Compiled:
    compiler: Any
    sql: str
    params: tuple[Any, ...]
    places: Mapping[int, str]
    """Which of the params are given with each call, by their names."""
    converters: Any
    columns: slice
    names: list[str]
    populators: list[Any]
    annotations: Mapping[str, int]

    @classmethod
    def of(cls, build: Callable[..., QuerySet[Any]], names: list[str]) -> _Compiled:
        """Numbers that are no row's stand in for what is given later."""
        stands_for = {1_900_000_001 + number: name for number, name in enumerate(names)}
        rows = build(**{name: number for number, name in stands_for.items()})
        compiler = rows.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        select, info = compiler.select, compiler.klass_info
        columns = slice(info["select_fields"][0], info["select_fields"][-1] + 1)
        return cls(
            compiler=compiler,
            sql=sql,
            params=tuple(params),
            places={place: stands_for[value] for place, value in enumerate(params) if value in stands_for},
            converters=compiler.get_converters([column for column, _, _ in select]),
            columns=columns,
            names=[column.target.attname for column, _, _ in select[columns]],
            populators=get_related_populators(info, select, connection.alias),  # type: ignore[call-arg]
            annotations=compiler.annotation_col_map,
        )

    def rows(self, values: Mapping[str, int]) -> list[Any]:
        params = [
            values[self.places[place]] if place in self.places else value for place, value in enumerate(self.params)
        ]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            fetched = cursor.fetchall()
        return [self._row(values) for values in self.compiler.apply_converters(fetched, self.converters)]

    def _row(self, values: Sequence[Any]) -> Any:
        row = self.compiler.klass_info["model"].from_db(connection.alias, self.names, values[self.columns])
        for populator in self.populators:
            populator.populate(values, row)
        for name, place in self.annotations.items():
            setattr(row, name, values[place])
        return row


class _Table:
    """A model's table, and its columns as attributes."""

    def __init__(self, model: type[Model]) -> None:
        self._model = model

    def __str__(self) -> str:
        return f'"{self._model._meta.db_table}"'

    def __getattr__(self, name: str) -> str:
        return f"{self}.{self.bare(name)}"

    def bare(self, name: str) -> str:
        return f'"{self._field(name).column}"'

    def _field(self, name: str) -> Any:
        return self._model._meta.pk if name == "pk" else self._model._meta.get_field(name)

    def prepared(self, name: str, value: Any) -> Any:
        """The value as this database takes it for the column."""
        return self._field(name).get_db_prep_save(value, connection)

    def assignments(self, values: Mapping[str, Any]) -> tuple[str, list[Any]]:
        """What follows SET, and its parameters."""
        sql = ", ".join(f"{self.bare(name)} = %s" for name in values)
        return sql, [self.prepared(name, value) for name, value in values.items()]

    def insertion(self, row: Model) -> tuple[str, list[str], list[Any]]:
        """INSERT INTO with all columns but a number that the database gives, their names, and their values."""
        fields = [
            each for each in self._model._meta.concrete_fields if not each.get_internal_type().endswith("AutoField")
        ]
        values = [each.get_db_prep_save(getattr(row, each.attname), connection) for each in fields]
        columns = ", ".join(f'"{each.column}"' for each in fields)
        return f"INSERT INTO {self} ({columns})", [each.attname for each in fields], values


_publication, _content, _pause = _Table(Publication), _Table(Content), _Table(Pause)
_attempt, _sent_post = _Table(Attempt), _Table(SentPost)
_channel, _connection, _endpoint = _Table(Channel), _Table(Connection), _Table(WebhookEndpoint)

_UNEXPLAINED = {"reason": "", "reason_code": "", "channel_code": "", "needs_person": False}
_FREE = (
    f"{_publication.state} = '{PublicationState.SCHEDULED}' AND {_publication.due_at} <= %s"
    f" AND ({_publication.lease_until} IS NULL OR {_publication.lease_until} < %s)"
)
"""Waiting, at or past its time, and claimed by no live worker: as PublicationQuerySet.due."""
_APPROVED_AS_READ = (
    f"EXISTS (SELECT 1 FROM {_content} WHERE {_content.pk} = {_publication.content}"
    f" AND {_content.state} = '{ContentState.APPROVED}' AND {_content.edited_at} = %s)"
)
_PAUSED = (
    f"EXISTS (SELECT 1 FROM {_pause} WHERE {_pause.ended_at} IS NULL"
    f" AND ({_pause.campaign} IS NULL AND {_pause.channel} IS NULL OR {_pause.channel} = {_publication.channel}"
    f" OR {_pause.campaign} = (SELECT {_content.campaign} FROM {_content}"
    f" WHERE {_content.pk} = {_publication.content})))"
)
"""As PauseQuerySet.over."""
_ACCEPTED = (
    f"EXISTS (SELECT 1 FROM {_attempt} WHERE {_attempt.publication} = {_publication.pk}"
    f" AND {_attempt.outcome} = '{Attempt.Outcome.SENT}')"
)


def write(rows: Sequence[Model]) -> None:
    """New rows of one model, in one statement."""
    insertions = [_Table(type(row)).insertion(row) for row in rows]
    places = ", ".join(["%s"] * len(insertions[0][1]))
    with connection.cursor() as cursor:
        cursor.execute(
            f"{insertions[0][0]} VALUES {', '.join([f'({places})'] * len(rows))}",
            [value for *_, values in insertions for value in values],
        )


def begins_at_once() -> bool:
    """Whether `begin` is one statement here, and needs no transaction around it."""
    return connection.vendor == "postgresql"


def channels_with_due(now: datetime) -> dict[int, int | None]:
    """Channels on which something is due, each with the id of its connection."""
    at = _publication.prepared("due_at", now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_channel.pk}, {_connection.pk} FROM {_channel}"
            f" LEFT JOIN {_connection} ON {_connection.channel} = {_channel.pk} WHERE EXISTS"
            f" (SELECT 1 FROM {_publication} WHERE {_publication.channel} = {_channel.pk} AND {_FREE})",
            [at, at],
        )
        return dict(cursor.fetchall())


def in_flight(now: datetime) -> dict[int, int]:
    """How many publications of each channel are claimed or being sent."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_publication.channel}, COUNT(*) FROM {_publication} WHERE {_publication.lease_until} IS NOT NULL"
            f" AND ({_publication.state} = '{PublicationState.SENDING}'"
            f" OR {_publication.state} = '{PublicationState.SCHEDULED}' AND {_publication.lease_until} > %s)"
            f" GROUP BY {_publication.channel}",
            [_publication.prepared("lease_until", now)],
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True)
class Due:
    pk: int
    fence: int
    key: uuid.UUID | None
    channel_id: int
    due_at: datetime


def oldest_due(rooms: Mapping[int, int], now: datetime) -> list[Due]:
    """Of each channel as many as it has room for, its oldest first."""
    if not rooms:
        return []
    names = ("pk", "fence", "key", "channel", "due_at")
    one = (
        f"SELECT {', '.join(getattr(_publication, name) for name in names)} FROM {_publication}"
        f" WHERE {_publication.channel} = %s AND {_FREE}"
        f" ORDER BY {_publication.due_at}, {_publication.pk} LIMIT %s"
    )
    sql = " UNION ALL ".join(f"SELECT * FROM ({one}) AS of_{number}" for number in range(len(rooms)))
    at = _publication.prepared("due_at", now)
    with connection.cursor() as cursor:
        cursor.execute(sql, [each for channel, room in rooms.items() for each in (channel, at, at, room)])
        fetched = cursor.fetchall()
    return [
        Due(pk, fence, Publication._meta.get_field("key").to_python(key), channel_id, _moment(due_at))
        for pk, fence, key, channel_id, due_at in fetched
    ]


def _moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    found: datetime = connection.ops.convert_datetimefield_value(value, None, connection)  # type: ignore[attr-defined]
    return found


def claim(rows: Sequence[Due], keys: Sequence[uuid.UUID], *, now: datetime, until: datetime) -> dict[int, int]:
    """Claim those that nobody has taken meanwhile, each with its next fence; returns the fences by id. A row gets its
    key here unless it has one. PostgreSQL leaves out what somebody else has locked."""
    if not rows:
        return {}
    chosen = ", ".join(["(%s, %s, %s)"] * len(rows))
    params = [
        each
        for row, key in zip(rows, keys, strict=True)
        for each in (row.pk, row.fence, _publication.prepared("key", row.key or key))
    ]
    unlocked = ""
    if begins_at_once():
        unlocked = (
            f" AND {_publication.pk} IN (SELECT {_publication.pk} FROM {_publication}"
            f" WHERE {_publication.pk} IN ({', '.join(['%s'] * len(rows))}) FOR UPDATE SKIP LOCKED)"
        )
    sql = (
        f"WITH chosen (id, fence, key) AS (VALUES {chosen}) UPDATE {_publication}"
        f" SET {_publication.bare('fence')} = chosen.fence + 1, {_publication.bare('lease_until')} = %s,"
        f" {_publication.bare('key')} = chosen.key FROM chosen"
        f" WHERE {_publication.pk} = chosen.id AND {_publication.fence} = chosen.fence AND {_FREE}{unlocked}"
        f" RETURNING {_publication.pk}, {_publication.fence}"
    )
    at = _publication.prepared("due_at", now)
    params += [_publication.prepared("lease_until", until), at, at]
    params += [row.pk for row in rows] if unlocked else []
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return dict(cursor.fetchall())


def begin(publication: Publication, attempt: Attempt, *, until: datetime) -> bool:
    """Move a claimed publication to sending until then, and write its attempt: in one statement where the database can,
    otherwise call it inside a transaction. Says whether it won: it wins only while the claim's fence and lease hold,
    nothing pauses it, its content stands approved as it was read, and no earlier attempt is known to be accepted."""
    fixed = {"state": PublicationState.SENDING, "lease_until": until, **_UNEXPLAINED}
    assignments, params = _publication.assignments(fixed)
    move = (
        f"UPDATE {_publication} SET {assignments}, {_publication.bare('tries')} = {_publication.tries} + 1"
        f" WHERE {_publication.pk} = %s AND {_publication.fence} = %s"
        f" AND {_publication.state} = '{PublicationState.SCHEDULED}' AND {_publication.lease_until} > %s"
        f" AND {_APPROVED_AS_READ} AND NOT {_PAUSED} AND NOT {_ACCEPTED}"
    )
    params += [
        publication.pk,
        attempt.fence,
        _publication.prepared("lease_until", attempt.started_at),
        _content.prepared("edited_at", publication.content.edited_at),
    ]
    insert, names, values = _attempt.insertion(attempt)
    places = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        if begins_at_once():
            sql = f"WITH moved AS ({move} RETURNING {_publication.pk}) {insert} SELECT {places} FROM moved"
            cursor.execute(f"{sql} RETURNING {_attempt.pk}", params + values)
        else:
            cursor.execute(move, params)
            if cursor.rowcount != 1:
                return False
            cursor.execute(f"{insert} VALUES ({places}) RETURNING {_attempt.bare('pk')}", values)
        written = cursor.fetchone()
    if written is None:
        return False
    (attempt.pk,) = written
    attempt._state.adding, attempt._state.db = False, connection.alias
    publication.state, publication.lease_until = PublicationState.SENDING, until
    publication.tries += 1
    return True


@dataclass(frozen=True)
class SentFacts:
    """What whoever hears of the move would ask: read with it."""

    content_state: str
    rests: bool
    """Its connection has failed before, or was told to wait."""
    webhooks: bool
    """Somebody outside listens."""


def record_sent(attempt: Attempt, receipt: Receipt, sent: SentPost) -> SentFacts | None:
    """Write the outcome of a try that was accepted, move its publication from sending to sent, and write what went out.
    None where the publication does not stand in sending under the attempt's fence: then only the outcome is written.
    Call inside a transaction. It keeps a withdrawal of the content out from before the move until the transaction ends:
    what it says of the content's state is true, and whoever withdraws it after that finds what is live."""
    outcome, params = _attempt.assignments(
        {
            "finished_at": sent.at,
            "outcome": Attempt.Outcome.SENT,
            "remote_id": receipt.remote_id,
            "remote_url": receipt.url,
        }
    )
    tried = (
        f"UPDATE {_attempt} SET {outcome} WHERE {_attempt.pk} = %s AND {_attempt.outcome} <> '{Attempt.Outcome.SENT}'"
    )
    params.append(attempt.pk)
    assignments, moving = _publication.assignments(
        {"state": PublicationState.SENT, "sent_at": sent.at, "lease_until": None, **_UNEXPLAINED}
    )
    moved = (
        f"UPDATE {_publication} SET {assignments} WHERE {_publication.pk} = %s AND {_publication.fence} = %s"
        f" AND {_publication.state} = '{PublicationState.SENDING}'"
    )
    moving += [attempt.publication_id, attempt.fence]
    insert, names, values = _sent_post.insertion(sent)
    places = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        if begins_at_once():  # the move asks for the content, so that it is locked first, as everybody locks them
            cursor.execute(
                f"WITH content AS MATERIALIZED ({_content_of_publication()} FOR SHARE), tried AS ({tried}),"
                f" moved AS ({moved} AND EXISTS (SELECT 1 FROM content) RETURNING {_publication.channel}),"
                f" written AS ({insert} SELECT {places} FROM moved)"
                f" SELECT (SELECT {_content.bare('state')} FROM content), {_facts('moved')} FROM moved",
                [attempt.publication_id, *params, *moving, *values],
            )
            found = cursor.fetchone()
        else:
            cursor.execute(tried, params)
            told = f"({_content_of_publication()}), {_facts(str(_publication))}"
            cursor.execute(f"{moved} RETURNING {told}", [*moving, attempt.publication_id])
            found = cursor.fetchone()
            if found is not None:
                cursor.execute(f"{insert} VALUES ({places})", values)
    return None if found is None else SentFacts(found[0], bool(found[1]), bool(found[2]))


def _content_of_publication() -> str:
    """The state of its content, of the publication that is the parameter."""
    of = f"SELECT {_publication.content} FROM {_publication} WHERE {_publication.pk} = %s"
    return f"SELECT {_content.state} FROM {_content} WHERE {_content.pk} = ({of})"


def _facts(of: str) -> str:
    """As columns, of a publication by the name `of`."""
    return (
        f" EXISTS (SELECT 1 FROM {_connection} WHERE {_connection.channel} = {of}.{_publication.bare('channel')}"
        f" AND ({_connection.failures} <> 0 OR {_connection.paused_until} IS NOT NULL)),"
        f" EXISTS (SELECT 1 FROM {_endpoint} WHERE {_endpoint.active})"
    )
