"""The page Account: who one is, how one signs in, and where."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pyotp
import pytest
from django.test import Client

from backend.accounts import second_steps, services, sessions
from backend.accounts.models import Passkey, Session, User, digest
from tests.accounts.test_passkeys import add
from tests.accounts.test_second_step import add_app
from tests.devices import Device

PASSWORD = "sixteen green herons"
ACCOUNT = "/console/account"
CONFIRM = f"{ACCOUNT}/confirm"
PAGES = {"email", "password", "authenticator", "passkeys/new"}
"""What one can come back to; everything else is a button."""
LATER = timedelta(minutes=11)


@pytest.fixture
def person(comms: User) -> User:
    services.set_password(user=comms, password=PASSWORD)
    return comms


@pytest.fixture
def page(client: Client, person: User, clock: Any) -> Client:
    """Just signed in, at http://localhost."""
    client.defaults["HTTP_HOST"] = "localhost"
    client.force_login(person)
    return client


def text(answer: Any) -> str:
    return str(answer.content.decode())


def seen(client: Client) -> str:
    (found,) = re.findall(r'name="seen" value="(\w*)"', text(client.get(ACCOUNT)))
    return str(found)


# Who one is


def test_name_and_zone_are_changed_and_times_follow(page: Client, person: User) -> None:
    answer = page.post(ACCOUNT, {"name": " Amara O. ", "zone": "Australia/Perth", "seen": seen(page)})

    assert answer.headers["Location"] == ACCOUNT
    person.refresh_from_db()
    assert (person.name, person.zone) == ("Amara O.", "Australia/Perth")
    assert "today 17:00" in text(page.get(ACCOUNT))  # 09:00 UTC


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"name": ""}, "id_name"), ({"name": "x" * 201}, "id_name"), ({"zone": "Mars/Olympus"}, "id_zone")],
)
def test_bad_values_are_named_and_what_was_typed_is_kept(page: Client, person: User, wrong: dict, field: str) -> None:
    values = {"name": "Typed", "zone": "Europe/Paris", "seen": seen(page)}

    answer = text(page.post(ACCOUNT, values | wrong))

    assert f'href="#{field}"' in answer
    assert wrong.get("name") == "" or values["name"] in answer or "x" * 201 in answer
    person.refresh_from_db()
    assert (person.name, person.zone) == ("Amara Osei", "Europe/London")


def test_what_an_administrator_changed_meanwhile_is_not_overwritten(page: Client, person: User, admin: User) -> None:
    opened = seen(page)
    services.change_person(user=person, changes={"name": "Amara Osei-Bonsu"})

    answer = text(page.post(ACCOUNT, {"name": "Amara", "zone": "Europe/London", "seen": opened}))

    assert "Someone changed this" in answer
    person.refresh_from_db()
    assert person.name == "Amara Osei-Bonsu"


def test_page_costs_few_queries(page: Client, person: User, django_assert_max_num_queries: Any) -> None:
    add_app(person)
    for name in ("One", "Two", "Three"):
        add(person, Device(), name=name)
    with django_assert_max_num_queries(12):
        assert page.get(ACCOUNT).status_code == 200


# Once more


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "email"),
        ("post", "email"),
        ("get", "password"),
        ("post", "password"),
        ("post", "authenticator/start"),
        ("get", "authenticator"),
        ("post", "authenticator"),
        ("post", "authenticator/remove"),
        ("post", "recovery-codes"),
        ("get", "passkeys/new"),
        ("post", "passkeys/new"),
        ("post", "passkeys/start"),
        ("post", "passkeys/1/remove"),
    ],
)
def test_after_ten_minutes_one_is_asked_once_more(
    page: Client, person: User, clock: Any, method: str, address: str
) -> None:
    add_app(person)
    clock.shift(LATER)
    before = (person.password, person.email, second_steps.second_step_of(person))

    answer = getattr(page, method)(f"{ACCOUNT}/{address}", {"email": "x@example.org", "password": PASSWORD + "!"})

    wanted = f"{ACCOUNT}/{address}" if address in PAGES else ACCOUNT
    assert answer.headers["Location"] == f"{CONFIRM}?{urlencode({'next': wanted})}"
    person.refresh_from_db()
    assert (person.password, person.email, second_steps.second_step_of(person)) == before


def test_password_confirms_for_ten_minutes_and_leads_back(page: Client, clock: Any) -> None:
    clock.shift(LATER)
    assert f'value="{ACCOUNT}/email"' in text(page.get(f"{CONFIRM}?next={ACCOUNT}/email"))

    answer = page.post(CONFIRM, {"password": PASSWORD, "next": f"{ACCOUNT}/email"})

    assert answer.headers["Location"] == f"{ACCOUNT}/email"
    assert page.get(f"{ACCOUNT}/email").status_code == 200
    clock.shift(LATER)
    assert page.get(f"{ACCOUNT}/email").status_code == 302


def test_what_was_sent_too_late_leads_back_to_its_page_and_is_said_not_to_be_done(page: Client, clock: Any) -> None:
    clock.shift(LATER)
    typed = page.post(f"{ACCOUNT}/email", {"email": "amara@example.org"})
    assert typed.headers["Location"] == f"{CONFIRM}?next=%2Fconsole%2Faccount%2Femail"
    assert "Nothing has changed yet." in text(page.get(CONFIRM))
    pressed = page.post(f"{ACCOUNT}/recovery-codes")
    assert pressed.headers["Location"] == f"{CONFIRM}?next=%2Fconsole%2Faccount"


@pytest.mark.parametrize("given", [{"password": "wrong"}, {"password": ""}, {"code": "000000"}])
def test_who_gives_something_wrong_is_told_and_not_let_on(page: Client, person: User, clock: Any, given: dict) -> None:
    add_app(person)
    clock.shift(LATER)

    answer = page.post(CONFIRM, given)

    assert answer.status_code == 200
    assert "There is a problem" in text(answer)
    assert page.get(f"{ACCOUNT}/email").status_code == 302


def test_code_confirms_too_and_guesses_are_counted(page: Client, person: User, clock: Any) -> None:
    app = add_app(person)
    clock.shift(LATER)
    for _ in range(8):
        page.post(CONFIRM, {"code": "000000"})
    answer = page.post(CONFIRM, {"code": app.now()})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "900")
    assert "Too many attempts. Try again in 15 minutes." in text(answer)

    clock.shift(2 * LATER)
    assert page.post(CONFIRM, {"code": app.now()}).status_code == 302


def test_guessing_the_password_there_is_stopped(page: Client, clock: Any) -> None:
    clock.shift(LATER)
    for _ in range(8):
        answer = page.post(CONFIRM, {"password": "wrong guess"})

    assert answer.status_code == 429
    assert page.post(CONFIRM, {"password": PASSWORD}).status_code == 429
    assert page.get(f"{ACCOUNT}/email").status_code == 302


def test_own_passkey_confirms_and_nobody_elses(page: Client, person: User, hr: User, clock: Any) -> None:
    mine, theirs = Device(), Device()
    add(person, mine)
    add(hr, theirs)
    clock.shift(LATER)

    for device, let_on in ((theirs, False), (mine, True)):
        asked = page.post("/console/sign-in/passkey/ask").json()
        page.post(f"{CONFIRM}/passkey", {"answer": json.dumps(device.use(asked)), "next": ACCOUNT})
        assert (page.get(f"{ACCOUNT}/email").status_code == 200) is let_on


# E-mail and password


def test_email_is_changed_and_a_taken_one_refused(page: Client, person: User, hr: User) -> None:
    taken = text(page.post(f"{ACCOUNT}/email", {"email": hr.email}))
    assert "Someone already signs in" in taken
    assert f'value="{hr.email}"' in taken

    assert page.post(f"{ACCOUNT}/email", {"email": "Amara@Example.org"}).headers["Location"] == ACCOUNT
    person.refresh_from_db()
    assert person.email == "amara@example.org"


def test_new_password_ends_the_other_sessions_and_keeps_this_one(page: Client, person: User) -> None:
    other = Client()
    other.force_login(person)

    page.post(f"{ACCOUNT}/password", {"password": PASSWORD + "!"})

    person.refresh_from_db()
    assert person.check_password(PASSWORD + "!")
    assert page.get(ACCOUNT).status_code == 200
    assert other.get(ACCOUNT).status_code == 302
    assert Session.objects.filter(person=person).count() == 1


def test_weak_password_is_refused_and_never_shown(page: Client, person: User) -> None:
    answer = text(page.post(f"{ACCOUNT}/password", {"password": "password1234"}))

    assert "too common" in answer
    assert "password1234" not in answer
    person.refresh_from_db()
    assert person.check_password(PASSWORD)


# Second step


def test_app_is_added_with_its_first_code_and_codes_are_shown_once(page: Client, person: User) -> None:
    assert page.get(f"{ACCOUNT}/authenticator").headers["Location"] == ACCOUNT
    assert page.post(f"{ACCOUNT}/authenticator/start").headers["Location"] == f"{ACCOUNT}/authenticator"
    shown = text(page.get(f"{ACCOUNT}/authenticator"))
    (secret,) = re.findall(r"<code>([A-Z2-7 ]+)</code>", shown)
    assert "data:image/svg+xml" in shown
    assert 'style="' not in shown

    assert "time on your phone" in text(page.post(f"{ACCOUNT}/authenticator", {"code": "000000"}))
    codes = page.post(f"{ACCOUNT}/authenticator", {"code": pyotp.TOTP(secret.replace(" ", "")).now()})

    found = re.findall(r"<code>([a-z2-7-]{19})</code>", text(codes))
    assert len(found) == 10
    assert "no-store" in codes.headers["Cache-Control"]
    again = text(page.get(ACCOUNT))
    assert not any(code in again for code in found)
    assert secret not in again
    assert page.session["second_step"] == "code"


def test_app_is_removed(page: Client, person: User) -> None:
    add_app(person)

    page.post(f"{ACCOUNT}/authenticator/remove")

    assert not second_steps.second_step_of(person)


def test_last_one_stays_where_it_is_asked_for(page: Client, person: User, settings: Any) -> None:
    add_app(person)
    session = page.session
    session["second_step"] = "code"
    session.save()
    settings.SECOND_STEP_FOR = "everyone"

    answer = page.post(f"{ACCOUNT}/authenticator/remove", {"next": ACCOUNT}, follow=True)

    assert "before you remove this one" in text(answer)
    assert second_steps.second_step_of(person)


def test_new_recovery_codes_are_made_only_beside_a_second_step(page: Client, person: User) -> None:
    page.post(f"{ACCOUNT}/recovery-codes")
    assert not person.recovery_codes.exists()
    add_app(person)
    assert text(page.post(f"{ACCOUNT}/recovery-codes")).count("<code>") == 10


def test_passkey_is_added_and_removed(page: Client, person: User) -> None:
    device = Device()
    asked = page.post(f"{ACCOUNT}/passkeys/start").json()
    assert asked["user"]["name"] == person.email

    answer = page.post(f"{ACCOUNT}/passkeys/new", {"name": "My phone", "answer": json.dumps(device.make(asked))})

    assert text(answer).count("<code>") == 10
    assert "My phone" in text(page.get(ACCOUNT))
    page.post(f"{ACCOUNT}/passkeys/{Passkey.objects.get().pk}/remove")
    assert not Passkey.objects.exists()


@pytest.mark.parametrize("answer", ["", "{}", "no json"])
def test_passkey_that_does_not_fit_is_refused_and_its_name_kept(page: Client, answer: str) -> None:
    page.post(f"{ACCOUNT}/passkeys/start")

    shown = text(page.post(f"{ACCOUNT}/passkeys/new", {"name": "My phone", "answer": answer}))

    assert "could not be added" in shown
    assert 'value="My phone"' in shown
    assert not Passkey.objects.exists()


def test_nobody_removes_the_passkey_of_another(page: Client, hr: User) -> None:
    add(hr, Device())

    page.post(f"{ACCOUNT}/passkeys/{Passkey.objects.get().pk}/remove")

    assert Passkey.objects.exists()


def test_page_says_where_passkeys_cannot_be(page: Client) -> None:
    page.defaults["HTTP_HOST"] = "127.0.0.1"

    assert "do not work at 127.0.0.1" in text(page.get(f"{ACCOUNT}/passkeys/new"))


# Sessions


def test_sessions_are_listed_and_ended(page: Client, person: User, hr: User) -> None:
    phone, theirs = Client(), Client()
    phone.force_login(person)
    theirs.force_login(hr)
    Session.objects.filter(hashed=digest(phone.session.session_key)).update(browser="Safari on iPhone")
    shown = text(page.get(ACCOUNT))
    assert "Safari on iPhone" in shown
    assert shown.count("this browser") == 1
    assert phone.session.session_key not in shown
    handles = {each: sessions.handle_of(each.session) for each in (phone, theirs)}

    page.post(f"{ACCOUNT}/sessions/{handles[theirs]}/end")
    page.post(f"{ACCOUNT}/sessions/{handles[phone]}/end")

    assert [each.get(ACCOUNT).status_code for each in (page, phone, theirs)] == [200, 302, 200]


def test_all_others_are_ended(page: Client, person: User) -> None:
    others = [Client(), Client()]
    for each in others:
        each.force_login(person)

    page.post(f"{ACCOUNT}/sessions/end-others")

    assert page.get(ACCOUNT).status_code == 200
    assert [each.get(ACCOUNT).status_code for each in others] == [302, 302]
