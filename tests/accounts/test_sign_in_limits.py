"""How often a password and a code may be guessed: by account, by address and by network, through the pages. What is
counted stays counted, and whoever it is counted against on purpose still has a way in."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.test import Client

from backend.accounts import services
from backend.accounts.limits import rules
from backend.accounts.models import AttemptCount, User
from tests.accounts.test_passkeys import add
from tests.accounts.test_second_step import add_app
from tests.devices import Device

PASSWORD = "correct horse battery"
SIGN_IN, STEP, CONFIRM = "/console/sign-in", "/console/sign-in/second-step", "/console/account/confirm"
MINUTE = timedelta(minutes=1)
HOME = "198.51.100.7"


@pytest.fixture
def person(comms: User, clock: Any) -> User:
    services.set_password(user=comms, password=PASSWORD)
    return comms


def give(email: str | None, password: str, *, at: str = HOME, client: Client | None = None) -> Any:
    return (client or Client()).post(SIGN_IN, {"username": email, "password": password}, REMOTE_ADDR=at)


def statuses(answers: list[Any]) -> list[int]:
    return [answer.status_code for answer in answers]


def test_accounts_are_not_tried_one_after_the_other_from_one_address(person: User) -> None:
    found = statuses([give(f"person-{number}@example.org", "wrong") for number in range(80)])

    assert found == [200] * 29 + [429] * 51
    assert give(person.email, PASSWORD).status_code == 429
    assert give(person.email, PASSWORD, at="198.51.100.8").status_code == 302


def test_an_ipv6_line_is_one_address(person: User) -> None:
    one_account = [give(person.email, "wrong", at=f"2001:db8:0:1::{number:x}") for number in range(1, 21)]
    many = [give(f"p{number}@example.org", "wrong", at=f"2001:db8:0:1:{number:x}::1") for number in range(1, 40)]

    assert statuses(one_account) == [200] * 7 + [429] * 13
    assert statuses(many).count(200) == 21  # of 30, eight were made above, and the last is told so
    assert give(person.email, PASSWORD, at="2001:db8:0:2::1").status_code == 302


def test_a_whole_ipv6_site_tries_no_more_than_eight_lines(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "SIGN_IN", rules.Limit(5, 15 * MINUTE))
    found = [give(f"p{number}@example.org", "wrong", at=f"2001:db8:5:{number:x}::1") for number in range(45)]

    assert statuses(found) == [200] * 39 + [429] * 6
    assert give(person.email, PASSWORD, at="2001:db8:6::1").status_code == 302


def test_an_ipv4_address_is_the_same_however_it_is_written(person: User) -> None:
    for number in range(8):
        give(person.email, "wrong", at=HOME if number % 2 else f"::ffff:{HOME}")

    assert give(person.email, PASSWORD).status_code == 429


def test_an_account_is_not_tried_from_everywhere(person: User) -> None:
    """A stranger with many addresses; the same whether there is such an account."""
    for email in (person.email, "nobody@example.org"):
        found = statuses([give(email, "wrong", at=f"203.0.113.{number}") for number in range(60)])
        assert found == [200] * 39 + [429] * 21


def test_a_count_ends_when_it_was_to_end_however_often_somebody_tries_on(person: User, clock: Any) -> None:
    for _ in range(3):
        for _ in range(5):
            give(person.email, "wrong")
        clock.shift(4 * MINUTE)
    answer = give(person.email, PASSWORD)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "180")
    assert "cannot sign in for 3 minutes" in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]

    clock.shift(3 * MINUTE)

    assert give(person.email, PASSWORD).status_code == 302


def test_a_clock_that_was_set_back_locks_nobody_out(person: User, clock: Any) -> None:
    clock.shift(timedelta(days=300))
    for _ in range(8):
        give(person.email, "wrong")

    clock.shift(-timedelta(days=300))

    assert give(person.email, PASSWORD).status_code == 302


def test_own_account_does_not_buy_guesses_at_others(person: User) -> None:
    """The right password takes back its own try, and not those at other accounts."""
    for number in range(29):
        give(f"person-{number}@example.org", "wrong")
        assert give(person.email, PASSWORD).status_code == 302

    assert give("person-30@example.org", "wrong").status_code == 429


def test_right_password_starts_the_persons_own_count_anew(person: User) -> None:
    for _ in range(3):
        for _ in range(7):
            assert give(person.email, "wrong").status_code == 200
        assert give(person.email, PASSWORD).status_code == 302


def test_other_visitors_push_no_count_out(person: User) -> None:
    for _ in range(8):
        give(person.email, "wrong")
    for number in range(400):
        rules.take_unknown_link(origin=rules.Origin(f"10.0.{number // 250}.{number % 250}"))
    cache.clear()

    assert give(person.email, PASSWORD).status_code == 429


def test_a_strangers_rows_do_not_grow_and_name_nobody(person: User) -> None:
    give(person.email, "wrong")
    first = AttemptCount.objects.count()
    for _ in range(20):
        Client().post(
            SIGN_IN,
            {"username": person.email, "password": "w" * 5000},
            REMOTE_ADDR=HOME,
            headers={"user-agent": "a" * 2000},
        )

    rows = AttemptCount.objects.values_list("key", flat=True)
    assert (len(rows), {len(key) for key in rows}) == (first, {64})
    assert not any(part in str(list(AttemptCount.objects.values())) for part in (HOME, "amara", "example"))


def test_whoever_is_refused_makes_no_more_rows(person: User) -> None:
    for number in range(30):
        give(f"person-{number}@example.org", "wrong")
    first = AttemptCount.objects.count()

    for number in range(20):
        give(f"another-{number}@example.org", "wrong")

    assert AttemptCount.objects.count() == first


# Ways in for whoever is guessed at


def known(person: User, *, at: str = HOME) -> Client:
    """A browser in which they signed in before, and out again."""
    client = Client()
    assert give(person.email, PASSWORD, at=at, client=client).status_code == 302
    client.post("/console/sign-out")
    assert SESSION_KEY not in client.session
    return client


def attack(person: User, *, at: str = HOME) -> None:
    """From the same address until that is refused, then from everywhere until the account is."""
    for number in range(31):
        give(f"person-{number}@example.org", "wrong", at=at)
    for number in range(41):
        give(person.email, "wrong", at=f"203.0.113.{number}")
    assert give(person.email, PASSWORD, at="192.0.2.1").status_code == 429


def test_a_browser_that_is_known_lets_its_person_in_beside_a_stranger(person: User) -> None:
    browser = known(person)
    attack(person)

    assert give(person.email, PASSWORD, client=browser).status_code == 302
    assert give(person.email, PASSWORD).status_code == 429


def test_a_browser_is_known_for_those_who_signed_in_there_alone(person: User, hr: User) -> None:
    services.set_password(user=hr, password=PASSWORD)
    shared = known(person)
    attack(hr)
    assert give(hr.email, PASSWORD, client=shared).status_code == 429

    services.set_password(user=hr, password=PASSWORD)  # lets them try again
    assert give(hr.email, PASSWORD, at="192.0.2.9", client=shared).status_code == 302
    attack(person)
    assert give(person.email, PASSWORD, client=shared).status_code == 302


def test_guesses_in_a_known_browser_are_counted_too(person: User) -> None:
    browser = known(person)
    found = statuses([give(person.email, "wrong", at=f"203.0.113.{n}", client=browser) for n in range(10)])

    assert found == [200] * 7 + [429] * 3
    assert give(person.email, PASSWORD, client=browser).status_code == 429


@pytest.mark.parametrize("cookie", ["", "x", "WyJhIl0:1:x", "\x00", "é" * 900])
def test_a_cookie_that_is_not_ours_makes_nobody_known(person: User, cookie: str) -> None:
    attack(person)
    client = Client()
    client.cookies["known_browser"] = cookie

    assert give(person.email, PASSWORD, client=client).status_code == 429


def test_cookie_of_a_known_browser_opens_nothing_and_is_kept_from_scripts(person: User, settings: Any) -> None:
    settings.SESSION_COOKIE_SECURE = True
    answer = give(person.email, PASSWORD)
    morsel = answer.cookies["known_browser"]

    assert (morsel["httponly"], morsel["samesite"], morsel["path"], morsel["secure"]) == (
        True,
        "Lax",
        "/console/",
        True,
    )
    assert str(person.email) not in morsel.value
    client = Client()
    client.cookies["known_browser"] = morsel.value
    assert client.get("/console/").status_code == 302


def test_only_a_whole_sign_in_makes_a_browser_known(person: User, clock: Any) -> None:
    app = add_app(person)
    clock.shift(MINUTE)
    client = Client()
    assert "known_browser" not in give(person.email, "wrong", client=client).cookies
    assert "known_browser" not in give(person.email, PASSWORD, client=client).cookies

    assert "known_browser" in client.post(STEP, {"code": app.now()}, REMOTE_ADDR=HOME).cookies


def test_a_passkey_lets_in_while_passwords_are_guessed(person: User) -> None:
    device = Device()
    add(person, device)
    attack(person)
    client = Client(HTTP_HOST="localhost", REMOTE_ADDR=HOME)

    asked = client.post("/console/sign-in/passkey/ask").json()
    answer = client.post("/console/sign-in/passkey", {"answer": json.dumps(device.use(asked))})

    assert SESSION_KEY in client.session
    assert "known_browser" in answer.cookies


def test_a_new_password_from_the_administrator_ends_the_wait(person: User, admin: User, client: Client) -> None:
    for _ in range(8):
        give(person.email, "wrong")
    for number in range(41):
        give(person.email, "wrong", at=f"203.0.113.{number}")
    assert give(person.email, PASSWORD).status_code == 429

    client.force_login(admin)
    client.post(f"/console/people/{person.pk}/password")
    services.set_password(user=person, password=PASSWORD)

    assert give(person.email, PASSWORD).status_code == 302


# Codes, confirmations, passkeys


def test_codes_are_not_guessed_for_many_people_from_one_address(clock: Any, db: None) -> None:
    people = [
        services.add_person(email=f"reader-{number}@example.org", name="Reader", role="reader", password=PASSWORD)
        for number in range(7)
    ]
    for person in people:
        add_app(person)
    clock.shift(MINUTE)
    found = []
    for person in people:
        client = Client()
        give(person.email, PASSWORD, client=client)
        found += [client.post(STEP, {"code": "000000"}, REMOTE_ADDR=HOME).status_code for _ in range(5)]

    assert found == [200] * 29 + [429] * 6


def test_a_known_browser_keeps_its_way_in_while_a_thief_of_the_password_guesses_codes(person: User, clock: Any) -> None:
    app = add_app(person)
    clock.shift(MINUTE)
    browser = Client()
    give(person.email, PASSWORD, client=browser)
    browser.post(STEP, {"code": app.now()}, REMOTE_ADDR=HOME)
    browser.post("/console/sign-out")
    thief = Client()
    give(person.email, PASSWORD, at="203.0.113.9", client=thief)
    for _ in range(8):
        answer = thief.post(STEP, {"code": "000000"}, REMOTE_ADDR="203.0.113.9")
    assert answer.status_code == 429
    clock.shift(MINUTE)

    give(person.email, PASSWORD, client=browser)
    assert browser.post(STEP, {"code": app.now()}, REMOTE_ADDR=HOME).status_code == 302


def test_a_stranger_does_not_take_confirmations_away_nor_gives_an_open_browser_more(person: User, clock: Any) -> None:
    browser = Client()
    give(person.email, PASSWORD, client=browser)
    clock.shift(11 * MINUTE)
    attack(person)
    found = [browser.post(CONFIRM, {"password": "wrong"}, REMOTE_ADDR=HOME) for _ in range(9)]

    assert statuses(found) == [200] * 7 + [429] * 2
    assert "Try again in 15 minutes" in found[-1].content.decode()
    assert found[-1].headers["Retry-After"] == "900"

    clock.shift(15 * MINUTE)
    assert browser.post(CONFIRM, {"password": PASSWORD}, REMOTE_ADDR=HOME).status_code == 302


def test_a_stranger_makes_no_end_of_sessions_by_asking_for_passkeys(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "PASSKEY_QUESTIONS", rules.Limit(5, 15 * MINUTE))
    ask = "/console/sign-in/passkey/ask"
    found = [Client(REMOTE_ADDR=HOME).post(ask) for _ in range(7)]

    assert statuses(found) == [200] * 5 + [429] * 2
    assert found[-1].content.decode() == "Too many attempts. Try again in 15 minutes."
    browser = Client(REMOTE_ADDR=HOME)
    browser.force_login(person)
    assert browser.post(ask).status_code == 200


def test_a_guess_stands_in_no_log(person: User, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for _ in range(9):
            give(person.email, "a very secret guess")

    assert "secret guess" not in caplog.text
    assert str(person.email) not in caplog.text
    assert HOME not in caplog.text
