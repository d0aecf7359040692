"""People in the console: who signs in, the first password that is shown once, roles, and helping at the door."""

from __future__ import annotations

import re

import pyotp
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from backend.accounts import roles, second_steps, services
from backend.accounts.models import Authenticator, Role, User
from backend.audit.models import LogEntry
from campaigns.planning.models import Organisation
from tests import factories
from tests.console.speaking import Console

pytestmark = pytest.mark.django_db
SAM = {"name": "Sam Okafor", "email": "Sam.Okafor@example.org", "role": "comms"}
PASSWORD = re.compile(r"<dt>Password</dt><dd><code class=\"copy\">([a-z2-7-]{19})</code>")


def protect(user: User) -> None:
    user.authenticator = Authenticator.objects.create(
        user=user, secret=pyotp.random_base32(), confirmed_at=user.created_at
    )


def seen(speaks: Console, path: str) -> str:
    return speaks.see(path).split('name="seen" value="')[1].split('"')[0]


def sign_in(password: str) -> int:
    form = {"username": SAM["email"], "password": password}
    return Client().post("/console/sign-in", form).status_code


# Adding


def test_added_person_signs_in_with_the_password_that_is_shown_once(admin: User) -> None:
    speaks = Console(admin)

    answer = speaks.client.post("/console/people/new", SAM)
    page = " ".join(answer.content.decode().split())

    row = User.objects.get(email="sam.okafor@example.org")
    found = PASSWORD.search(page)
    assert found is not None, page
    assert (answer.status_code, row.role) == (200, "comms")
    assert "no-store" in answer.headers["Cache-Control"]
    assert "http://testserver/console/sign-in" in page
    for path in ("/people", f"/people/{row.pk}", f"/people/{row.pk}/change", "/audit"):
        assert found[1] not in speaks.see(path)
    assert all(found[1] not in str(changes) for changes in LogEntry.objects.values_list("changes", flat=True))
    assert sign_in(found[1]) == 302


def test_every_role_is_said_in_a_sentence(admin: User) -> None:
    page = Console(admin).see("/people/new")

    assert set(roles.IN_WORDS) == set(Role.values)
    for role in Role:
        assert f"<strong>{role.label}.</strong>" in page


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"email": "RUTH.KAPLAN@example.org"}, "Someone already signs in with this email address."),
        ({"email": "nobody"}, "Enter a valid email address."),
        ({"name": "  "}, "This field is required."),
        ({"role": "boss"}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(admin: User, hr: User, wrong: dict, why: str) -> None:
    status, page = Console(admin).send("/people/new", **SAM | wrong)

    assert (status, "There is a problem" in page) == (200, True)
    assert why in page
    assert "Sam" in page
    assert User.objects.filter(is_program=False).count() == 2


# The list


def test_people_are_found_by_words_role_state_and_second_step(admin: User, comms: User, hr: User) -> None:
    protect(comms)
    services.change_person(user=hr, changes={"is_active": False})
    services.create_api_key(name="Careers website", role="reader")
    speaks = Console(admin)

    def names(query: str) -> list[str]:
        return re.findall(r'<a class="title" href="/console/people/\d+">([^<]+)</a>', speaks.see(f"/people?{query}"))

    everyone = sorted([admin.name, comms.name, hr.name])
    assert names("") == everyone
    assert names("q=amara+example.org") == names("q=%00amara") == [comms.name]
    assert names("role=hr") == [hr.name]
    assert names("standing=inactive") == [hr.name]
    assert names("step=none&standing=active") == [admin.name]
    assert names("role=boss&standing=x&step=x") == everyone
    assert names("q=nobody") == []
    page = speaks.see("/people")
    assert "2 people can sign in" in page
    assert "1 without two-step sign-in" in page


def test_list_goes_on_page_by_page_and_costs_few_queries(
    admin: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(40):
        services.add_person(email=f"p{number}@example.org", name=f"Person {number % 3}", role="reader")
    Organisation.current()
    speaks = Console(admin)

    with django_assert_max_num_queries(12):
        first = speaks.see("/people?role=reader")
    after = first.split("after=")[1].split('"')[0]
    second = speaks.see(f"/people?role=reader&after={after}")

    links = [re.findall(r'href="(/console/people/\d+)"', page) for page in (first, second)]
    assert len({*links[0], *links[1]}) == len(links[0]) + len(links[1]) == 40


def test_last_seen_is_the_sign_in_once_the_session_has_ended(admin: User, comms: User) -> None:
    speaks = Console(admin)
    assert "<dt>Last active</dt><dd>Never" in speaks.see(f"/people/{comms.pk}")
    Client().force_login(comms)
    services.set_password(user=comms, password="sixteen green herons")

    page = speaks.see(f"/people/{comms.pk}")

    assert "<dt>Signed in now</dt><dd>No" in page
    assert "<dt>Last active</dt><dd><time" in page


# Changing


def test_person_is_changed_and_the_role_counts_at_once(admin: User, manager: User) -> None:
    speaks, theirs = Console(admin), Console(manager)
    theirs.see("/people", status=403)
    path = f"/people/{manager.pk}/change"

    status, said = speaks.send(path, name="New Name", email="new@example.org", role="admin", seen=seen(speaks, path))

    assert (status, said) == (302, "New Name was changed.")
    manager.refresh_from_db()
    assert (manager.name, manager.email, manager.role) == ("New Name", "new@example.org", "admin")
    theirs.see("/people")


def test_two_administrators_at_one_person(admin: User, comms: User) -> None:
    speaks = Console(admin)
    path = f"/people/{comms.pk}/change"
    form = {"name": "Mine", "email": str(comms.email), "role": "comms", "seen": seen(speaks, path)}
    services.change_person(user=comms, changes={"name": "Theirs"})

    _, page = speaks.send(path, **form)

    assert "Theirs: Name: Theirs." in page
    assert 'value="Mine"' in page
    again = page.split('name="seen" value="')[1].split('"')[0]
    assert speaks.send(path, **form | {"seen": again})[0] == 302
    comms.refresh_from_db()
    assert comms.name == "Mine"


def test_address_of_somebody_else_is_refused_beside_its_field(admin: User, comms: User, hr: User) -> None:
    speaks = Console(admin)
    path = f"/people/{comms.pk}/change"

    _, page = speaks.send(path, name="Amara", email=str(hr.email), role="comms", seen=seen(speaks, path))

    assert "Email address: Someone already signs in with this email address." in page


def test_last_administrator_cannot_shut_themselves_out(admin: User) -> None:
    speaks = Console(admin)
    path = f"/people/{admin.pk}/change"

    _, page = speaks.send(path, name=admin.name, role="reader", seen=seen(speaks, path))
    _, said = speaks.send(f"/people/{admin.pk}/deactivate", next=f"/console/people/{admin.pk}")

    assert "There must be at least one administrator. Make another person an administrator first." in page
    assert said == "There must be at least one administrator. Make another person an administrator first."
    admin.refresh_from_db()
    assert (admin.role, admin.is_active) == ("admin", True)
    speaks.see("/people")


def test_one_of_two_administrators_may_step_down(admin: User) -> None:
    services.add_person(email="second@example.org", name="Second", role="admin")
    speaks = Console(admin)
    path = f"/people/{admin.pk}/change"

    answer = speaks.client.post(f"/console{path}", {"name": admin.name, "role": "comms", "seen": seen(speaks, path)})

    assert answer.headers["Location"] == "/console/"
    speaks.see("/people", status=403)


def test_own_address_and_password_are_left_to_the_page_account(admin: User) -> None:
    speaks = Console(admin)
    path = f"/people/{admin.pk}/change"
    kept = admin.email

    speaks.send(path, name="Inês", email="thief@example.org", role="admin", seen=seen(speaks, path))
    _, said = speaks.send(f"/people/{admin.pk}/password")

    admin.refresh_from_db()
    assert (admin.name, admin.email) == ("Inês", kept)
    assert said.endswith("Change your own password on the Account page.")
    assert "Create a new password" not in speaks.see(f"/people/{admin.pk}")


# Helping at the door


def test_forgotten_password_is_replaced_and_shown_once(admin: User) -> None:
    row = services.add_person(**SAM, password="sixteen green herons")
    theirs = Console(row)

    _, page = Console(admin).send(f"/people/{row.pk}/password")

    found = PASSWORD.search(page)
    assert found is not None, page
    assert sign_in("sixteen green herons") == 200
    assert sign_in(found[1]) == 302
    theirs.see("/account", status=302)


def test_lost_second_step_is_removed_by_another_administrator(admin: User, comms: User) -> None:
    protect(comms)
    protect(admin)
    speaks = Console(admin)

    assert "Authenticator app" in speaks.see(f"/people/{comms.pk}")
    speaks.send(f"/people/{comms.pk}/remove-second-step")
    _, said = speaks.send(f"/people/{admin.pk}/remove-second-step")

    assert not second_steps.second_step_of(comms)
    assert second_steps.second_step_of(admin)
    assert "Another administrator must do this for you." in said
    assert "Turn off two-step sign-in" not in speaks.see(f"/people/{comms.pk}")


def test_person_is_signed_out_everywhere_and_oneself_everywhere_else(admin: User, comms: User) -> None:
    speaks, other, theirs = Console(admin), Console(admin), Console(comms)

    speaks.send(f"/people/{comms.pk}/end-sessions")
    speaks.send(f"/people/{admin.pk}/end-sessions")

    theirs.see("/account", status=302)
    other.see("/account", status=302)
    speaks.see("/account")


def test_whoever_leaves_is_out_at_once_and_may_come_back(admin: User) -> None:
    row = services.add_person(**SAM, password="sixteen green herons")
    services.issue_feed_token(user=row, feed="plan")
    speaks, theirs = Console(admin), Console(row)

    speaks.send(f"/people/{row.pk}/deactivate")
    theirs.see("/account", status=302)
    assert sign_in("sixteen green herons") == 200
    assert not row.feed_tokens.filter(revoked_at=None).exists()
    assert "Create a new password" not in speaks.see(f"/people/{row.pk}")
    speaks.send(f"/people/{row.pk}/activate")

    assert sign_in("sixteen green herons") == 302
    assert not row.feed_tokens.filter(revoked_at=None).exists()


def test_program_is_no_person(admin: User) -> None:
    key, _ = services.create_api_key(name="Careers website", role="reader")
    speaks = Console(admin)

    for path in ("", "/change"):
        speaks.see(f"/people/{key.user_id}{path}", status=404)
    assert speaks.send(f"/people/{key.user_id}/deactivate")[0] == 404


@pytest.mark.parametrize("role", ["comms", "approver", "hr", "reader"])
def test_nobody_else_sees_or_changes_people(role: str, admin: User) -> None:
    speaks = Console(factories.person(role))

    for path in ("/people", "/people/new", f"/people/{admin.pk}", f"/people/{admin.pk}/change"):
        speaks.see(path, status=403)
    for button in ("deactivate", "activate", "password", "remove-second-step", "end-sessions"):
        assert speaks.send(f"/people/{admin.pk}/{button}")[0] == 403
    assert "/console/people" not in speaks.see("/account")
