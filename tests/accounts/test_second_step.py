"""Authenticator apps and recovery codes: kept so that they cannot be read, taken once, and not to be guessed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from backend.accounts import second_steps
from backend.accounts.errors import AccountRefused, InvalidAccount, TooManyAttempts
from backend.accounts.limits import rules
from backend.accounts.limits.rules import Origin
from backend.accounts.models import Authenticator, RecoveryCode, Session, User
from backend.audit.models import LogEntry
from tests import factories

HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture
def app(comms: User, clock: time_machine.Traveller) -> pyotp.TOTP:
    """The app on the phone of the communications officer, a minute after it was added."""
    totp = add_app(comms)
    clock.shift(2 * HALF_A_MINUTE)
    return totp


def add_app(user: User) -> pyotp.TOTP:
    totp = pyotp.TOTP(second_steps.start_authenticator(user=user).secret)
    second_steps.confirm_authenticator(user=user, code=totp.now(), session={})  # type: ignore[arg-type]
    return totp


def use(user: User, code: str) -> str | None:
    """As at sign-in, in a browser that nobody knows."""
    try:
        attempt = rules.take_code(account=str(user.email), origin=Origin("203.0.113.9"))
        return second_steps.use_code(user=user, code=code, attempt=attempt)
    except TooManyAttempts:
        return None


def test_secret_cannot_be_read_in_the_database_nor_in_the_trail(app: pyotp.TOTP) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_authenticator")
        assert app.secret not in str(cursor.fetchall())
    trail = LogEntry.objects.filter(content_type__model="authenticator")
    assert trail.exists()
    assert app.secret not in str([entry.changes for entry in trail])


def test_app_counts_only_once_it_has_shown_a_code(comms: User) -> None:
    enrolment = second_steps.start_authenticator(user=comms)

    assert not second_steps.second_step_of(comms)
    assert use(comms, pyotp.TOTP(enrolment.secret).now()) is None
    assert second_steps.start_authenticator(user=comms) == enrolment
    assert "Promenade:amara.osei%40example.org" in enrolment.uri
    with pytest.raises(InvalidAccount, match="time on your phone") as refused:
        second_steps.confirm_authenticator(user=comms, code="000000", session={})  # type: ignore[arg-type]
    assert refused.value.field == "code"
    assert not second_steps.second_step_of(comms)


def test_second_app_is_refused_and_so_is_a_code_for_none(app: pyotp.TOTP, comms: User, hr: User) -> None:
    with pytest.raises(AccountRefused):
        second_steps.start_authenticator(user=comms)
    with pytest.raises(AccountRefused):
        second_steps.confirm_authenticator(user=hr, code=app.now(), session={})  # type: ignore[arg-type]


def test_code_works_once_however_it_is_typed(app: pyotp.TOTP, comms: User) -> None:
    code = app.now()

    assert use(comms, f" {code[:3]} {code[3:]}") == "code"
    assert use(comms, code) is None


@pytest.mark.parametrize(("periods", "taken"), [(-2, None), (-1, "code"), (0, "code"), (1, "code"), (2, None)])
def test_clock_of_the_phone_may_be_half_a_minute_off(
    app: pyotp.TOTP, comms: User, clock: Any, periods: int, taken: str | None
) -> None:
    clock.shift(3 * HALF_A_MINUTE)
    now = app.timecode(timezone.now())

    assert use(comms, app.generate_otp(now + periods)) == taken


def test_an_older_code_than_the_last_one_is_worth_nothing(app: pyotp.TOTP, comms: User, clock: Any) -> None:
    older = app.now()
    clock.shift(HALF_A_MINUTE)

    assert use(comms, app.now()) == "code"
    assert use(comms, older) is None


def test_eight_wrong_codes_close_the_way_for_a_quarter_of_an_hour(app: pyotp.TOTP, comms: User, clock: Any) -> None:
    for _ in range(8):
        assert use(comms, "000000") is None
    assert use(comms, app.now()) is None

    clock.shift(timedelta(minutes=14))
    assert use(comms, app.now()) is None

    clock.shift(timedelta(minutes=1, seconds=1))
    assert use(comms, app.now()) == "code"


def test_right_code_starts_the_count_anew(app: pyotp.TOTP, comms: User, clock: Any) -> None:
    for _ in range(3):
        for _ in range(7):
            use(comms, "000000")
        assert use(comms, app.now()) == "code"
        clock.shift(HALF_A_MINUTE)


def test_codes_of_one_person_are_not_those_of_another(app: pyotp.TOTP, comms: User, hr: User) -> None:
    codes = second_steps.make_recovery_codes(user=comms)
    add_app(hr)

    assert use(hr, app.now()) is None
    assert use(hr, codes[0]) is None


def test_recovery_codes_come_with_the_first_app_are_hashed_and_work_once(comms: User) -> None:
    totp = pyotp.TOTP(second_steps.start_authenticator(user=comms).secret)
    codes = second_steps.confirm_authenticator(user=comms, code=totp.now(), session={})  # type: ignore[arg-type]

    assert len(set(codes)) == 10
    stored = str(list(RecoveryCode.objects.values()))
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)
    assert use(comms, codes[3].upper().replace("-", " ")) == "recovery"
    assert use(comms, codes[3]) is None
    assert second_steps.second_step_of(comms).recovery_codes_left == 9


def test_new_recovery_codes_end_the_old_ones(app: pyotp.TOTP, comms: User) -> None:
    old, new = (second_steps.make_recovery_codes(user=comms) for _ in range(2))

    assert use(comms, old[0]) is None
    assert use(comms, new[0]) == "recovery"


def test_recovery_codes_need_something_to_recover_from(app: pyotp.TOTP, comms: User) -> None:
    code = second_steps.make_recovery_codes(user=comms)[0]
    second_steps.remove_authenticator(user=comms)

    assert use(comms, code) is None
    with pytest.raises(AccountRefused):
        second_steps.make_recovery_codes(user=comms)


@pytest.mark.parametrize(
    ("whom", "role", "stays"),
    [
        ("nobody", "admin", False),
        ("administrators", "admin", True),
        ("administrators", "comms", False),
        ("everyone", "comms", True),
    ],
)
def test_last_second_step_stays_where_one_is_asked_for(
    db: None, settings: Any, whom: str, role: str, stays: bool
) -> None:
    settings.SECOND_STEP_FOR = whom
    user = factories.person(role)
    add_app(user)
    if stays:
        with pytest.raises(AccountRefused, match="Add another"):
            second_steps.remove_authenticator(user=user)
    else:
        second_steps.remove_authenticator(user=user)
    assert bool(second_steps.second_step_of(user)) is stays


def test_administrator_removes_a_lost_one_and_ends_the_sessions(
    app: pyotp.TOTP, comms: User, admin: User, client: Any, settings: Any
) -> None:
    settings.SECOND_STEP_FOR = "everyone"
    client.force_login(comms)
    for _ in range(8):
        use(comms, "000000")

    second_steps.remove_second_step(user=comms, by=admin)

    comms.refresh_from_db()
    assert not second_steps.second_step_of(comms)
    assert second_steps.second_step_of(comms).recovery_codes_left == 0
    rules.take_code(account=str(comms.email), origin=Origin())  # is not refused
    assert not Session.objects.filter(person=comms).exists()
    entry = LogEntry.objects.filter(content_type__model="authenticator", action=LogEntry.Action.DELETE)
    assert entry.exists()


def test_nobody_removes_their_own_as_administrator(admin: User) -> None:
    add_app(admin)
    with pytest.raises(AccountRefused):
        second_steps.remove_second_step(user=admin, by=admin)
    assert second_steps.second_step_of(admin)


def test_command_line_removes_it_too(admin: User, capsys: pytest.CaptureFixture[str]) -> None:
    add_app(admin)

    call_command("removesecondstep", admin.email)

    assert not second_steps.second_step_of(admin)
    with pytest.raises(CommandError, match="Nobody signs in"):
        call_command("removesecondstep", "nobody@example.org")


def test_rotation_writes_the_secret_with_the_new_key(app: pyotp.TOTP, comms: User, clock: Any, settings: Any) -> None:
    field: Any = Authenticator._meta.get_field("secret")
    try:
        settings.SALT_KEY = ["new-key-" + "b" * 32, *settings.SALT_KEY]
        for kept in ("keys", "f"):
            field.__dict__.pop(kept, None)
        call_command("rotatekeys")
        settings.SALT_KEY = settings.SALT_KEY[:1]
        for kept in ("keys", "f"):
            field.__dict__.pop(kept, None)

        assert use(comms, app.now()) == "code"
    finally:
        for kept in ("keys", "f"):
            field.__dict__.pop(kept, None)
