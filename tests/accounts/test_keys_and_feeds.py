"""API keys and private addresses: shown once, kept as a hash, and over when they are over."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from backend.accounts import services
from backend.accounts.errors import InvalidAccount
from backend.accounts.models import ApiKey, FeedToken, User, digest

pytestmark = pytest.mark.django_db


def made(**fields: object) -> tuple[ApiKey, str]:
    return services.create_api_key(**{"name": "Careers website", "role": "reader"} | fields)


def test_only_the_hash_of_a_key_is_kept() -> None:
    key, secret = made()
    key.refresh_from_db()
    assert key.hashed == digest(secret)
    assert secret.startswith("prom_")
    assert len(secret) >= 48
    stored = [str(value) for value in ApiKey.objects.values_list().get()]
    assert not any(secret in value for value in stored)
    assert len(key.hint) < 12
    assert services.find_api_key(secret=key.hashed) is None


def test_no_two_keys_are_alike() -> None:
    assert made()[1] != made()[1]


def test_a_key_acts_as_a_program_of_its_own() -> None:
    key, secret = made(role="hr", name="  Applicant tracking ")
    held = services.find_api_key(secret=secret)
    assert held == key
    assert held is not None
    assert (held.user.name, held.user.role, held.user.is_program) == ("Applicant tracking", "hr", True)
    assert not held.user.has_usable_password()


def test_a_key_ends_when_it_expires(clock: time_machine.Traveller) -> None:
    _, secret = made(expires_at=timezone.now() + timedelta(hours=1))
    clock.shift(timedelta(minutes=59, seconds=59))
    assert services.find_api_key(secret=secret) is not None
    clock.shift(timedelta(seconds=1))
    assert services.find_api_key(secret=secret) is None


def test_a_key_ends_when_it_is_revoked_and_that_stays(clock: time_machine.Traveller) -> None:
    key, secret = made()
    first = services.revoke_api_key(api_key=key).revoked_at
    assert services.find_api_key(secret=secret) is None
    clock.shift(timedelta(hours=1))
    assert services.revoke_api_key(api_key=key).revoked_at == first


def test_a_key_ends_with_its_holder(comms: User, admin: User) -> None:
    key, secret = made()
    ApiKey.objects.filter(pk=key.pk).update(user=comms)
    assert services.find_api_key(secret=secret) is not None
    services.change_person(user=comms, changes={"is_active": False})
    assert services.find_api_key(secret=secret) is None
    services.change_person(user=comms, changes={"is_active": True})
    assert services.find_api_key(secret=secret) is None


def test_an_inactive_holder_has_no_key_however_they_left(comms: User) -> None:
    key, secret = made()
    ApiKey.objects.filter(pk=key.pk).update(user=comms)
    User.objects.filter(pk=comms.pk).update(is_active=False)
    assert services.find_api_key(secret=secret) is None


def test_the_use_of_a_key_is_noted_at_most_once_a_minute(
    clock: time_machine.Traveller, django_assert_num_queries: object
) -> None:
    key, secret = made()
    services.find_api_key(secret=secret)
    key.refresh_from_db()
    first = key.last_used_at
    assert first == timezone.now()
    clock.shift(timedelta(seconds=60))
    with django_assert_num_queries(1):
        services.find_api_key(secret=secret)
    clock.shift(timedelta(seconds=1))
    services.find_api_key(secret=secret)
    key.refresh_from_db()
    assert key.last_used_at == first + timedelta(seconds=61)


@pytest.mark.parametrize("secret", ["", "prom_", "prom_x", "\x00", "é" * 40, "a" * 10_000])
def test_what_is_no_key_opens_nothing(secret: str) -> None:
    made()
    assert services.find_api_key(secret=secret) is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"role": "boss"}, "role"),
        ({"name": "  "}, "name"),
        ({"name": "a" * 201}, "name"),
        ({"expires_at": timezone.now() - timedelta(days=1)}, "expires_at"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(wrong: dict, field: str) -> None:
    with pytest.raises(InvalidAccount) as refused:
        made(**wrong)
    assert refused.value.field == field
    assert not User.objects.filter(is_program=True).exists()


# Private addresses


def test_only_the_hash_of_a_private_address_is_kept(comms: User) -> None:
    secret = services.issue_feed_token(user=comms, feed="bulletin")
    assert FeedToken.objects.get().hashed == digest(secret)
    assert services.find_feed_reader(secret=secret, feed="bulletin") == comms
    assert services.find_feed_reader(secret=digest(secret), feed="bulletin") is None


def test_an_address_opens_one_feed_only(comms: User) -> None:
    secret = services.issue_feed_token(user=comms, feed="bulletin")
    assert services.find_feed_reader(secret=secret, feed="plan") is None


def test_a_new_address_ends_the_one_before(comms: User, hr: User) -> None:
    others = services.issue_feed_token(user=hr, feed="plan")
    first = services.issue_feed_token(user=comms, feed="plan")
    second = services.issue_feed_token(user=comms, feed="plan")
    assert services.find_feed_reader(secret=first, feed="plan") is None
    assert services.find_feed_reader(secret=second, feed="plan") == comms
    assert services.find_feed_reader(secret=others, feed="plan") == hr


def test_an_address_ends_when_it_is_revoked(comms: User) -> None:
    secret = services.issue_feed_token(user=comms, feed="plan")
    for _ in range(2):
        services.revoke_feed_token(user=comms, feed="plan")
    assert services.find_feed_reader(secret=secret, feed="plan") is None


def test_an_address_ends_with_its_person(comms: User, admin: User) -> None:
    secret = services.issue_feed_token(user=comms, feed="plan")
    services.change_person(user=comms, changes={"is_active": False})
    assert services.find_feed_reader(secret=secret, feed="plan") is None
    services.change_person(user=comms, changes={"is_active": True})
    assert services.find_feed_reader(secret=secret, feed="plan") is None


def test_a_programs_address_ends_with_its_key() -> None:
    key, _ = made()
    secret = services.issue_feed_token(user=key.user, feed="plan")
    assert services.find_feed_reader(secret=secret, feed="plan") == key.user
    services.revoke_api_key(api_key=key)
    assert services.find_feed_reader(secret=secret, feed="plan") is None


def test_a_programs_address_expires_with_its_key(clock: time_machine.Traveller) -> None:
    key, _ = made(expires_at=timezone.now() + timedelta(hours=1))
    secret = services.issue_feed_token(user=key.user, feed="plan")
    clock.shift(timedelta(hours=1))
    assert services.find_feed_reader(secret=secret, feed="plan") is None


# The command line


def command(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("apikey", *arguments, stdout=out)
    return out.getvalue().splitlines()


def test_the_command_prints_the_key_alone_on_its_last_line() -> None:
    secret = command("create", "first steps", "--role", "comms")[-1]
    held = services.find_api_key(secret=secret)
    assert held is not None
    assert (held.user.name, held.user.role, held.expires_at) == ("first steps", "comms", None)


def test_the_command_makes_keys_that_end(clock: time_machine.Traveller) -> None:
    secret = command("create", "for a week", "--role", "hr", "--days", "7")[-1]
    clock.shift(timedelta(days=7))
    assert services.find_api_key(secret=secret) is None


def test_the_command_lists_and_revokes_without_showing_a_key() -> None:
    key, secret = made()
    listed = "\n".join(command("list"))
    assert "Careers website" in listed
    assert secret not in listed
    assert key.hashed not in listed
    command("revoke", str(key.pk))
    assert services.find_api_key(secret=secret) is None


@pytest.mark.parametrize(
    "arguments",
    [
        ["create", "x"],
        ["create", "x", "--role", "boss"],
        ["create", " ", "--role", "hr"],
        ["create", "x", "--role", "hr", "--days", "0"],
        ["create", "x", "--role", "hr", "--days", "99999999999"],
        ["revoke", "999"],
        [],
    ],
)
def test_the_command_refuses_in_a_sentence(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        command(*arguments)
    assert not ApiKey.objects.exists()
