"""Passkeys: only the right device, for the right host, answering the question that was asked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth import SESSION_KEY
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.accounts import passkeys, second_steps, services, sessions
from backend.accounts.errors import AccountRefused, ConfirmationNeeded, InvalidAccount
from backend.accounts.models import Passkey, User
from backend.accounts.passkeys import RelyingParty
from backend.accounts.session_store import SessionStore
from tests.devices import PRESENT, Device

HERE = RelyingParty(host="localhost", origin="http://localhost")


def session_of(user: User) -> SessionStore:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    sessions.confirm(session=session)
    return session


def add(user: User, device: Device, *, name: str = "My phone") -> list[str]:
    session = session_of(user)
    asked = passkeys.begin_registration(user=user, place=HERE, session=session)
    return passkeys.add_passkey(user=user, name=name, answer=device.make(asked), place=HERE, session=session)[1]


def use(device: Device, *, user: User | None = None, place: RelyingParty = HERE) -> User | None:
    session = SessionStore()
    asked = passkeys.begin_authentication(place=place, session=session)
    return passkeys.use_passkey(answer=device.use(asked), place=place, session=session, user=user)


@pytest.fixture
def phone(comms: User) -> Device:
    device = Device()
    add(comms, device)
    return device


def test_passkey_says_whose_it_is(phone: Device, comms: User) -> None:
    assert use(phone) == comms
    assert use(phone, user=comms) == comms
    row = Passkey.objects.get()
    assert (row.uses, row.last_used_at is not None) == (2, True)


def test_first_passkey_brings_recovery_codes_and_the_second_none(comms: User) -> None:
    assert len(add(comms, Device())) == 10
    assert add(comms, Device(), name="Key ring") == []
    assert len(second_steps.second_step_of(comms).passkeys) == 2


def test_other_devices_and_other_people_are_not_let_in(phone: Device, hr: User) -> None:
    stranger = Device()
    assert use(stranger) is None
    stranger.credential = phone.credential  # knows the name of the passkey and has another key
    assert use(stranger) is None
    assert use(phone, user=hr) is None


def test_who_has_left_is_not_let_in(phone: Device, comms: User) -> None:
    services.change_person(user=comms, changes={"is_active": False})
    assert use(phone) is None


@pytest.mark.parametrize(
    "change",
    [
        {"origin": "http://localhost.evil.example"},
        {"host": "evil.example"},
        {"origin": "https://localhost"},
        {"flags": PRESENT},
    ],
    ids=["another page", "another host", "another scheme", "nobody verified"],
)
def test_answer_for_elsewhere_or_without_the_person_is_worth_nothing(phone: Device, comms: User, change: dict) -> None:
    for name, value in change.items():
        setattr(phone, name, value)
    assert use(phone) is None
    other = Device()
    for name, value in change.items():
        setattr(other, name, value)
    with pytest.raises(InvalidAccount):
        add(comms, other)


def test_answer_counts_once_and_only_for_the_question_of_its_session(phone: Device) -> None:
    phone.uses = -1  # as of a synchronised passkey, whose count gives no copy away
    session = SessionStore()
    asked = passkeys.begin_authentication(place=HERE, session=session)
    answer = phone.use(asked)
    assert passkeys.use_passkey(answer=answer, place=HERE, session=SessionStore()) is None
    assert passkeys.use_passkey(answer=answer, place=HERE, session=session) is not None
    assert passkeys.use_passkey(answer=answer, place=HERE, session=session) is None
    passkeys.begin_authentication(place=HERE, session=session)
    assert passkeys.use_passkey(answer=answer, place=HERE, session=session) is None


def test_copied_device_is_noticed_by_its_count(phone: Device) -> None:
    assert use(phone) is not None
    phone.uses = 0
    assert use(phone) is None


def test_synchronised_passkey_stays_at_nought(comms: User) -> None:
    device = Device()
    add(comms, device)
    for _ in range(2):
        device.uses = -1
        assert use(device) == comms


def test_same_passkey_is_not_added_twice(phone: Device, comms: User, hr: User) -> None:
    for user in (comms, hr):
        with pytest.raises(InvalidAccount, match="already been added"):
            add(user, phone)


def test_only_who_confirmed_adds_or_removes(phone: Device, comms: User, hr: User) -> None:
    stale = SessionStore()
    stale[SESSION_KEY] = str(comms.pk)
    for session in (stale, session_of(hr)):
        with pytest.raises(ConfirmationNeeded):
            passkeys.begin_registration(user=comms, place=HERE, session=session)
        with pytest.raises(ConfirmationNeeded):
            passkeys.add_passkey(user=comms, name="x", answer={}, place=HERE, session=session)
        with pytest.raises(ConfirmationNeeded):
            passkeys.remove_passkey(user=comms, passkey_id=Passkey.objects.get().pk, session=session)


def test_removing_ends_it_and_touches_nobody_elses(phone: Device, comms: User, hr: User) -> None:
    mine = Passkey.objects.get()
    passkeys.remove_passkey(user=hr, passkey_id=mine.pk, session=session_of(hr))
    assert use(phone) == comms
    passkeys.remove_passkey(user=comms, passkey_id=mine.pk, session=session_of(comms))
    assert use(phone) is None
    assert second_steps.second_step_of(comms).recovery_codes_left == 0


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_passkey_has_a_name(comms: User, name: str) -> None:
    with pytest.raises(InvalidAccount) as refused:
        add(comms, Device(), name=name)
    assert refused.value.field == "name"


def test_there_are_at_most_twenty(comms: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passkeys, "MOST", 1)
    add(comms, Device())
    with pytest.raises(AccountRefused, match="the maximum"):
        add(comms, Device())


@pytest.mark.parametrize(
    ("address", "secure", "takes"),
    [
        ("localhost:8000", False, True),
        ("promenade.example.org", True, True),
        ("promenade.example.org", False, False),
        ("127.0.0.1:8000", False, False),
        ("[::1]:8000", False, False),
        ("127.0.0.1", True, False),
    ],
)
def test_place_is_a_name_where_nobody_reads_along(
    rf: Any, settings: Any, address: str, secure: bool, takes: bool
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    place = RelyingParty.of(rf.get("/", headers={"host": address}, secure=secure))
    assert place.takes_passkeys is takes
    assert place.origin == f"http{'s' if secure else ''}://{address}"


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=20)
    | st.sampled_from(["AA", "o2NmbXQ", "webauthn.get"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "id",
                    "rawId",
                    "type",
                    "response",
                    "clientDataJSON",
                    "attestationObject",
                    "signature",
                    "authenticatorData",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(
    given_answer=st.dictionaries(st.sampled_from(["id", "rawId", "type", "response"]), ANYTHING),
    cut=st.integers(0, 400),
)
def test_no_answer_is_a_crash(given_answer: dict, cut: int) -> None:
    """Whatever is sent in place of an answer is refused in words, also a good answer that was cut or bent."""
    device = Device()
    session: dict[str, Any] = {}
    asked = passkeys.begin_authentication(place=HERE, session=session)  # type: ignore[arg-type]
    whole = device.make(asked)
    broken = passkeys.parse_response(json.dumps(whole)[:cut])
    bent = {
        **whole,
        "response": {**whole["response"], "attestationObject": whole["response"]["attestationObject"][:cut]},
    }
    for answer in (given_answer, broken, bent):
        try:
            passkeys._made(answer, session[passkeys.ASKING], HERE)
        except passkeys.UNREADABLE:
            continue
        assert answer == whole


@pytest.mark.parametrize("name", ["id", "rawId", "clientDataJSON", "attestationObject"])
def test_a_number_is_never_made_into_so_many_bytes(name: str) -> None:
    device, session = Device(), {}
    answer = device.make(passkeys.begin_authentication(place=HERE, session=session))  # type: ignore[arg-type]
    (answer if name in answer else answer["response"])[name] = 25_000_000_000

    with pytest.raises(ValueError, match="a number where text belongs"):
        passkeys._made(answer, session[passkeys.ASKING], HERE)


@pytest.mark.parametrize("text", ["", "[]", "1", "{", "[" * 20_000, '{"id":' * 9_000])
def test_what_is_no_json_object_fits_no_question(text: str) -> None:
    assert passkeys.parse_response(text) == {}
