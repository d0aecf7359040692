"""Entries of the audit trail in words: who, which row and where it is, and what each value was and became."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.text import capfirst

from backend.accounts.models import ApiKey, User
from backend.audit.kinds import MODELS, TYPES
from backend.audit.listeners import mask
from backend.audit.models import LogEntry
from campaigns.hiring.models import Candidate, Hire, Touch, TrackedLink
from campaigns.mailing.models import MailingList
from campaigns.planning import organisation_clock
from campaigns.planning.models import Campaign, Channel, Content, Organisation, Publication, Team
from media.models import Picture
from scheduler.connections.models import Connection
from scheduler.models import WebhookEndpoint

KINDS = {name: capfirst(name.replace("_", " ")) for name in sorted(MODELS) if name != "content"} | {
    "api_key": "API key",
    "feed_token": "Private address",
    "destination": "Notification",
    "pause": "Hold",
    "publication": "Post",
    "recurrence": "Repeating post",
    "vacancy": "Job",
    "user": "Person or program",
    "authenticator": "Authenticator app",
}
"""Kinds of rows by the name that an address gives them."""
DONE = {
    LogEntry.Action.CREATE: ("plus", "Added"),
    LogEntry.Action.UPDATE: ("pencil", "Changed"),
    LogEntry.Action.DELETE: ("trash-2", "Removed"),
}
SYMBOLS: dict[str, str] = {
    LogEntry.Event.SIGNED_IN: "log-in",
    LogEntry.Event.SIGNED_OUT: "log-out",
    LogEntry.Event.SESSIONS_ENDED: "log-out",
    LogEntry.Event.SIGN_IN_FAILED: "triangle-alert",
    LogEntry.Event.SECOND_STEP_FAILED: "triangle-alert",
    LogEntry.Event.COMPOSED: "pencil",
}
"""Of events; all others have one that says that something was done."""
UNKNOWN_ACCOUNT = "An account that does not exist"
PAGES: dict[type[models.Model], tuple[str, str]] = {
    Content: ("content", "content_id"),
    Publication: ("publication", "publication_id"),
    Campaign: ("campaign", "campaign_id"),
    Channel: ("channel", "channel_id"),
    Candidate: ("candidate", "candidate_id"),
    Hire: ("hire", "hire_id"),
    User: ("person", "user_id"),
    ApiKey: ("key", "api_key_id"),
    Team: ("change_team", "team_id"),
    TrackedLink: ("link", "link_id"),
    Picture: ("picture", "picture_id"),
    MailingList: ("mailing_list", "mailing_list_id"),
    WebhookEndpoint: ("webhook", "endpoint_id"),
    Organisation: ("settings", ""),
}
"""The page of a row, and what its address calls the row's id."""
NAMES: dict[type[models.Model], Any] = {
    Content: "title",
    Campaign: "name",
    Channel: "name",
    Team: "name",
    User: "name",
    Candidate: "reference",
    MailingList: "name",
    TrackedLink: "code",
    Publication: Concat("content__title", Value(" on "), "channel__name"),
    Hire: Concat(Value("Hire of "), "candidate__reference"),
    Touch: Concat(Value("Touch of "), "candidate__reference"),
    ApiKey: "user__name",
    Connection: "channel__name",
}
"""How rows are called whose entries and references name them by number alone, or by a name that has changed."""
TOLD_BESIDE = {"created_at", "created_by", "edited_at", "edited_by", "recorded_by", "guid", "content_ptr"}
"""What the entry itself says: who, when, and which row."""
LONG = 160  # characters
BEFORE_IT = 40  # characters shown before the first difference of long texts
Ref = tuple[type[models.Model], int]


@dataclass(frozen=True)
class Change:
    label: str
    before: str
    after: str
    hidden: bool = False
    """It changed, and the trail keeps no value: a secret, or a person's data."""


@dataclass(frozen=True)
class EntryWords:
    """One entry, in words."""

    entry: LogEntry
    kind: str
    kind_label: str
    symbol: str
    done: str
    name: str
    address: str
    who: str
    who_address: str
    changes: list[Change] = field(default_factory=list)

    @property
    def is_change(self) -> bool:
        return bool(self.entry.action == LogEntry.Action.UPDATE)

    @property
    def is_removal(self) -> bool:
        return bool(self.entry.action == LogEntry.Action.DELETE)


def describe_entries(entries: list[LogEntry]) -> list[EntryWords]:
    """Their words. All names that they need are asked for at once."""
    names = _names({ref for entry in entries for ref in _refs(entry)})
    return [_told(entry, names) for entry in entries]


def _told(entry: LogEntry, names: dict[Ref, str]) -> EntryWords:
    model = _model(entry)
    kind = TYPES.get(model, "") if model else ""
    if entry.event:
        symbol, done = SYMBOLS.get(entry.event, "circle-check"), entry.get_event_display()
    else:
        symbol, done = DONE.get(entry.action, ("pencil", "Changed"))
    ref = _row(entry)
    return EntryWords(
        entry=entry,
        kind=kind,
        kind_label=KINDS.get(kind, "Row"),
        symbol=symbol,
        done=done,
        name=(names.get(ref) if ref else None) or str(entry.object_repr) or UNKNOWN_ACCOUNT,
        address="" if ref is None or entry.action == LogEntry.Action.DELETE else address_of(*ref),
        who=entry.actor.name if entry.actor else entry.get_through_display(),
        who_address=_address_of_who(entry),
        changes=list(_changes(entry, model, names)) if model else [],
    )


def _model(entry: LogEntry) -> type[models.Model] | None:
    found: type[models.Model] | None = ContentType.objects.get_for_id(entry.content_type_id).model_class()
    return found


def _page_model(model: type[models.Model]) -> type[models.Model]:
    """Content of all kinds has one page, and is named by the same column."""
    return Content if issubclass(model, Content) else model


def _row(entry: LogEntry) -> Ref | None:
    model = _model(entry)
    return (_page_model(model), int(entry.object_pk)) if model and entry.object_pk.isdecimal() else None


def address_of(model: type[models.Model], pk: int) -> str:
    """Of a row's page; empty for a row that has none, such as a touch."""
    name, parameter = PAGES.get(model, ("", ""))
    return reverse(f"console:{name}", kwargs={parameter: pk} if parameter else {}) if name else ""


def _address_of_who(entry: LogEntry) -> str:
    if entry.actor is None:
        return ""
    if entry.actor.is_program:
        return address_of(ApiKey, entry.api_key_id) if entry.api_key_id else ""
    return address_of(User, entry.actor.pk)


# Names of rows


def _refs(entry: LogEntry) -> Iterator[Ref]:
    if row := _row(entry):
        yield row
    for name, values in (entry.changes or {}).items():
        target = _target(_field(_model(entry), name))
        if target is not None:
            yield from ((target, value) for value in values if isinstance(value, int))


def _field(model: type[models.Model] | None, name: str) -> Any:
    """None for what came with a state move without being a column, such as a comment."""
    with suppress(FieldDoesNotExist, AttributeError):
        return model._meta.get_field(name)  # type: ignore[union-attr]
    return None


def _target(column: Any) -> type[models.Model] | None:
    return _page_model(column.related_model) if isinstance(column, models.ForeignKey) else None


def _names(refs: set[Ref]) -> dict[Ref, str]:
    """How these rows are called now; one query for all of them."""
    wanted = [model for model in NAMES if any(each is model for each, _ in refs)]
    asked = [_named(model, {pk for each, pk in refs if each is model}) for model in wanted]
    if not asked:
        return {}
    found = asked[0].union(*asked[1:], all=True) if asked[1:] else asked[0]
    by_label = {model._meta.label: model for model in wanted}
    return {(by_label[label], pk): name for label, pk, name in found}


def _named(model: type[models.Model], pks: set[int]) -> QuerySet[Any, tuple[str, int, str]]:
    label = Value(model._meta.label, output_field=CharField())
    name = Cast(NAMES[model], output_field=CharField())
    rows = model._default_manager.filter(pk__in=pks).order_by()
    found: QuerySet[Any, tuple[str, int, str]] = rows.annotate(of=label, called=name).values_list("of", "pk", "called")
    return found


# Values


def _changes(entry: LogEntry, model: type[models.Model], names: dict[Ref, str]) -> Iterator[Change]:
    given: dict[str, Any] = entry.changes or {}
    telling = {name: each for name, each in given.items() if name not in TOLD_BESIDE} or given
    for name, (old, new) in telling.items():
        column = _field(model, name)
        label = capfirst(str(column.verbose_name if column is not None else name.replace("_", " ")).removeprefix("is "))
        if mask("") in (old, new):
            yield Change(label, "", "", hidden=True)
        elif entry.action == LogEntry.Action.UPDATE or not (_is_empty(old) and _is_empty(new)):
            yield Change(label, _value(column, old, names), _value(column, new, names))


def _is_empty(value: Any) -> bool:
    return value in (None, "", [], {})


def _value(column: Any, value: Any, names: dict[Ref, str]) -> str:
    if _is_empty(value):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if (target := _target(column)) is not None:
        kind = KINDS.get(TYPES.get(target, ""), capfirst(str(target._meta.verbose_name)))
        return names.get((target, value), f"{kind} {value}")
    if getattr(column, "choices", None):
        return str(dict(column.flatchoices).get(value, value))
    if isinstance(column, models.DateTimeField):
        return _moment(value)
    if isinstance(column, models.DateField):
        return _day(value)
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_value(None, each, names)}" for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(_value(None, each, names) for each in value)
    return str(value)


def _moment(value: str) -> str:
    at = parse_datetime(value)
    if at is None or timezone.is_naive(at):
        return value
    local = timezone.localtime(at)
    return f"{_day(local.date().isoformat())} {local:%H:%M}"


def _day(value: str) -> str:
    day = parse_date(value)
    return f"{organisation_clock.format_short_day(day)} {day:%Y}" if day else value


def shortened(before: str, after: str) -> tuple[str, str]:
    """Long texts from shortly before where they begin to differ."""
    if max(len(before), len(after)) <= LONG:
        return before, after
    both = enumerate(zip(before, after, strict=False))
    same = next((place for place, (old, new) in both if old != new), min(len(before), len(after)))
    start = max(0, same - BEFORE_IT)
    return _cut(before, start), _cut(after, start)


def _cut(text: str, start: int) -> str:
    shown = text[start : start + LONG]
    return ("…" if start and shown else "") + shown + ("…" if len(text) > start + LONG else "")


def lines(rows: Iterable[EntryWords]) -> Iterator[list[Any]]:
    """For a table of a spreadsheet: one line a changed value, whole."""
    for row in rows:
        entry = row.entry
        at = timezone.localtime(entry.timestamp)
        head = [f"{at:%Y-%m-%d %H:%M:%S}", row.who, entry.get_through_display(), row.done, row.kind_label]
        head += [entry.object_pk, row.name]
        for change in row.changes or [Change("", "", "")]:
            values = ["not kept", "not kept"] if change.hidden else [change.before, change.after]
            yield [*head, change.label, *values, entry.cid or "", entry.times, _until(entry)]


def _until(entry: LogEntry) -> str:
    return f"{timezone.localtime(entry.until):%Y-%m-%d %H:%M:%S}" if entry.until else ""


HEAD = ["When", "Who", "Through", "What was done", "Kind", "Number", "Name", "Field", "Before", "After"]
HEAD += ["Request", "Times", "Until"]
