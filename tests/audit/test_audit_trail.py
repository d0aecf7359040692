"""Who did what to which row, when, through what, with what changed; and nothing that names a person or a secret."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from backend.accounts import services as accounts
from backend.accounts.models import ApiKey, User
from backend.audit.listeners import MASKED, followed_fields
from backend.audit.middleware import audit_context
from backend.audit.models import AppendOnly, LogEntry
from campaigns.hiring import services as hiring
from campaigns.planning.models import Channel, Team
from campaigns.planning.services import content, publications, vacancies
from scheduler.connections import services as connections
from tests import factories
from tests.conftest import Api

PASSWORD = "sixteen green herons"
pytestmark = pytest.mark.django_db


def trail(row: Any) -> list[LogEntry]:
    """The entries of a row, oldest first."""
    return list(LogEntry.objects.get_for_object(row).order_by("id"))


def last(row: Any) -> LogEntry:
    return trail(row)[-1]


# Who, and through what


def test_a_key_is_named_with_its_holder_and_the_request(api: Api, comms: User) -> None:
    answer = api.as_(comms).post("/teams", {"name": "Jade ward"})
    [entry] = trail(Team.objects.get())
    assert (entry.actor, entry.through) == (comms, "api_key")
    assert entry.api_key == ApiKey.objects.get(user=comms)
    assert entry.cid == answer.headers["X-Request-ID"]


def test_a_signed_in_person_is_named_without_a_key(comms: User) -> None:
    page = Client()
    page.force_login(comms, backend="backend.accounts.backends.PersonBackend")
    answer = page.post("/api/v1/teams", {"name": "Jade ward"}, content_type="application/json")
    assert answer.status_code == 201, answer.content
    [entry] = trail(Team.objects.get())
    assert (entry.actor, entry.through, entry.api_key) == (comms, "session", None)
    assert entry.cid == answer.headers["X-Request-ID"]


def test_a_bearer_key_counts_even_where_a_session_is_open(api: Api, comms: User, hr: User) -> None:
    page = Client()
    page.force_login(comms, backend="backend.accounts.backends.PersonBackend")
    bearer = {"Authorization": f"Bearer {api.as_(hr).secret}"}
    page.post("/api/v1/teams", {"name": "Jade ward"}, content_type="application/json", headers=bearer)
    [entry] = trail(Team.objects.get())
    assert (entry.actor, entry.through) == (hr, "api_key")


def test_a_command_names_nobody_unless_it_acts_for_somebody(comms: User, approver: User) -> None:
    row = factories.blog_entry()
    assert (last(row).actor, last(row).through) == (None, "command")
    content.submit_content(content=row, by=comms)
    assert (last(row).actor, last(row).through) == (comms, "command")


def test_the_worker_says_that_it_is_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["manage.py", "worker"])
    row = factories.team()
    assert (last(row).actor, last(row).through) == (None, "worker")


def test_nobody_is_remembered_after_a_request(api: Api, comms: User) -> None:
    api.as_(comms).post("/teams", {"name": "Jade ward"})
    assert last(factories.team()).actor is None


def test_an_inner_actor_gives_way_to_the_outer_one(comms: User, hr: User) -> None:
    with audit_context(actor=comms, through="session"):
        with audit_context(actor=hr, through="session"):
            inner = factories.team()
        outer = factories.team()
    assert (last(inner).actor, last(outer).actor) == (hr, comms)


# What changed


def test_a_change_names_each_field_with_both_values(comms: User) -> None:
    row = factories.vacancy(headcount=1)
    vacancies.change_vacancy(vacancy=row, changes={"headcount": 3, "location": "Horsham"}, by=comms)
    entry = last(row)
    assert entry.action == LogEntry.Action.UPDATE
    assert entry.changes["headcount"] == [1, 3]
    assert entry.changes["location"] == ["Crawley", "Horsham"]
    assert "title" not in entry.changes


def test_a_change_that_changes_nothing_leaves_no_entry() -> None:
    row = factories.team()
    before = len(trail(row))
    row.save()
    assert len(trail(row)) == before


def test_moments_say_that_they_are_utc(clock: Any) -> None:
    row = factories.publication()
    new_time = row.publish_at + timedelta(hours=1)
    publications.reschedule_publication(publication=row, publish_at=new_time, zone="Europe/London", by=None)
    assert last(row).changes["publish_at"] == ["2026-03-03 09:00:00+00:00", "2026-03-03 10:00:00+00:00"]


def test_columns_are_kept_and_not_what_refers_to_a_row() -> None:
    row = factories.vacancy()
    assert set(trail(row)[0].changes) <= set(followed_fields(type(row)))
    assert not set(trail(row)[0].changes) & {"moves", "publications", "hires", "content_ptr", "id"}


def test_a_deletion_is_recorded(api: Api) -> None:
    row = factories.channel()
    connection = connections.connect_channel(channel=row, kind="blog", settings={}, secrets={})
    pk = connection.pk
    connections.disconnect_channel(channel=row)
    entry = LogEntry.objects.filter(content_type__model="connection", object_pk=str(pk)).first()
    assert entry is not None
    assert entry.action == LogEntry.Action.DELETE


def test_every_move_of_content_stands_under_its_own_kind(comms: User, approver: User) -> None:
    row = factories.approved_event()
    content.withdraw_content(content=row.base, by=comms, comment="Storm.")
    moves = [entry.changes for entry in trail(row) if entry.action == LogEntry.Action.UPDATE]
    assert [move["state"] for move in moves] == [
        ["draft", "in_review"],
        ["in_review", "approved"],
        ["approved", "withdrawn"],
    ]
    assert moves[-1]["comment"] == [None, "Storm."]


def test_a_withdrawal_shows_on_the_publications_that_it_cancels(comms: User) -> None:
    row = factories.approved_blog_entry()
    waiting = factories.publication(of=row)
    content.withdraw_content(content=row, by=comms, comment="Wrong ward.")
    entry = last(waiting)
    assert entry.changes["state"] == ["scheduled", "cancelled"]
    assert entry.actor == comms


def test_what_was_posted_by_hand_was_never_held(comms: User) -> None:
    row = factories.publication(of=factories.approved_blog_entry())
    publications.mark_published(publication=row, at=timezone.now(), by=comms)
    moves = [entry.changes["state"] for entry in trail(row) if "state" in entry.changes]
    assert moves[-1] == ["scheduled", "sent"]
    assert "held" not in str(moves)


def test_the_way_of_a_candidate_and_a_hire(hr: User) -> None:
    row = hiring.add_candidate(reference="AR-1", vacancy=factories.vacancy(), by=hr)
    hiring.move_candidate(candidate=row, stage="interview", by=hr)
    hire = hiring.record_hire(candidate=row, accepted_on=factories.in_days(-3).date(), by=hr)
    hiring.start_hire(hire=hire, started_on=factories.in_days(-1).date(), by=hr)
    hiring.reverse_hire(hire=hire, by=hr)
    stages = [entry.changes["stage"] for entry in trail(row) if entry.action == LogEntry.Action.UPDATE]
    assert stages == [
        ["new", "interview"],
        ["interview", "accepted"],
        ["accepted", "started"],
        ["started", "withdrawn"],
    ]
    _, started, reversed_ = trail(hire)
    assert started.changes["state"] == ["accepted", "started"]
    assert started.changes["started_on"] == [None, factories.in_days(-1).date().isoformat()]
    assert reversed_.changes == {"state": ["started", "reversed"]}
    assert (started.actor, reversed_.actor) == (hr, hr)


def test_a_hire_recorded_again_shows_its_new_day(hr: User) -> None:
    post = factories.vacancy()
    row = hiring.add_candidate(reference="AR-1", by=hr)
    hire = hiring.record_hire(candidate=row, vacancy=post, accepted_on=factories.in_days(-3).date(), by=hr)
    hiring.reverse_hire(hire=hire, stage="offered", by=hr)
    again = factories.in_days(-2).date()
    hiring.record_hire(candidate=row, vacancy=post, accepted_on=again, by=hr)
    assert last(hire).changes == {
        "state": ["reversed", "accepted"],
        "vacancy": [None, post.pk],
        "accepted_on": [None, again.isoformat()],
    }


def test_touches_are_kept_and_so_is_their_removal(hr: User) -> None:
    row = hiring.add_candidate(reference="AR-1", by=hr)
    touch = hiring.add_touch(candidate=row, channel=factories.channel())
    pk = touch.pk
    hiring.remove_touch(touch=touch)
    entries = LogEntry.objects.filter(content_type__model="touch", object_pk=str(pk)).order_by("id")
    assert [entry.action for entry in entries] == [LogEntry.Action.CREATE, LogEntry.Action.DELETE]


def test_everything_that_ends_with_a_person_is_recorded(admin: User, comms: User) -> None:
    key, _ = accounts.create_api_key(name="Website", role="comms")
    ApiKey.objects.filter(pk=key.pk).update(user=comms)
    accounts.issue_feed_token(user=comms, feed="plan")
    accounts.change_person(user=comms, changes={"is_active": False})
    assert last(comms).changes == {"is_active": [True, False]}
    assert set(last(key).changes) == {"revoked_at"}
    assert set(last(comms.feed_tokens.get()).changes) == {"revoked_at"}


def test_use_of_a_key_and_a_sign_in_are_no_decisions(api: Api, comms: User) -> None:
    mine = api.as_(comms)
    key = ApiKey.objects.get(user=comms)
    before = len(trail(key)) + len(trail(comms))
    assert mine.get("/me").status_code == 200
    Client().force_login(comms, backend="backend.accounts.backends.PersonBackend")
    assert len(trail(key)) + len(trail(comms)) == before


# What the trail never holds


def everything() -> str:
    return json.dumps(list(LogEntry.objects.values()), default=str)


def test_people_are_named_by_role_and_number() -> None:
    row = accounts.add_person(email="sam.okafor@example.org", name="Sam Okafor", role="comms", password=PASSWORD)
    changes = {"email": "samira@example.org", "name": "Samira Okafor", "password": PASSWORD + "!"}
    accounts.change_person(user=row, changes=changes)
    assert last(row).object_repr == f"Communications {row.pk}"
    assert last(row).changes == {name: ["***", "***"] for name in ("email", "name", "password")}
    for secret in ("Okafor", "okafor", "samira", "argon2", PASSWORD):
        assert secret not in everything()


def test_candidates_are_named_by_reference(hr: User) -> None:
    person = {"name": "Grace Adeyemi", "email": "grace@example.org", "phone": "01632 960417"}
    row = hiring.add_candidate(reference="AR-1", by=hr, **person)
    hiring.change_candidate(candidate=row, changes={"name": "Gloria", "email": None, "phone": "01632 960418"})
    assert last(row).object_repr == "AR-1"
    assert last(row).changes == {name: ["***", "***"] for name in person}
    for secret in ("Grace", "grace", "Gloria", "96041"):
        assert secret not in everything()


def test_keys_and_private_addresses_leave_no_hash(comms: User) -> None:
    key, secret = accounts.create_api_key(name="Website", role="comms")
    token = accounts.issue_feed_token(user=comms, feed="plan")
    for hidden in (secret, token, key.hashed, comms.feed_tokens.get().hashed):
        assert hidden not in everything()
    assert trail(key)[0].changes["hashed"] == ["***", "***"]


def test_secrets_of_a_connection_leave_no_trace() -> None:
    row: Channel = factories.channel(category="social")
    secrets = {
        "consumer_key": "ck-1234567890",
        "consumer_secret": "cs-1234567890",
        "access_token": "at-1234567890",
        "access_token_secret": "as-1234567890",
    }
    connection = connections.connect_channel(channel=row, kind="x", settings={}, secrets=secrets)
    again = secrets | {"access_token": "at-0987654321"}
    connections.connect_channel(channel=row, kind="x", settings={}, secrets=again)
    assert last(connection).changes["secrets"] == ["***", "***"]
    for hidden in (*secrets.values(), *again.values()):
        assert hidden not in everything()


def test_what_is_masked_exists() -> None:
    for model, names in MASKED.items():
        assert set(names) <= {field.name for field in model._meta.concrete_fields}, model


# It only grows


def test_an_entry_is_never_changed_or_deleted() -> None:
    [entry] = trail(factories.team())
    entry.object_repr = "another"
    with pytest.raises(AppendOnly):
        entry.save()
    with pytest.raises(AppendOnly):
        entry.delete()
    for change in (
        lambda: LogEntry.objects.update(object_repr="another"),
        lambda: LogEntry.objects.bulk_update([entry], ["object_repr"]),
        lambda: LogEntry.objects.all().delete(),
        lambda: LogEntry.objects.filter(pk=entry.pk).update(actor=None),
    ):
        with pytest.raises(AppendOnly):
            change()
    [kept] = LogEntry.objects.filter(pk=entry.pk)
    assert kept.object_repr != "another"


def test_a_new_entry_cannot_take_the_place_of_an_old_one() -> None:
    [entry] = trail(factories.team())
    copy = LogEntry(pk=entry.pk, content_type=entry.content_type, object_pk="1", object_repr="x", action=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save()


def test_what_is_rolled_back_leaves_no_entry() -> None:
    before = LogEntry.objects.count()
    with transaction.atomic():
        factories.team()
        assert LogEntry.objects.count() > before
        transaction.set_rollback(True)
    assert LogEntry.objects.count() == before
