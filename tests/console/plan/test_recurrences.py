"""Repeating posts in the console: the rule in words, starting one by the week or the month, and ending one."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import User
from backend.console.plan import recurrence_words
from campaigns.planning.models import Organisation, Publication, Recurrence
from campaigns.planning.services.timing import recurrences
from tests import factories
from tests.console.speaking import Console

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
WEEKLY: dict[str, Any] = {"weeks": "1", "time": "08:30", "zone": "Europe/London", "starts_on": "2026-03-03"}


@pytest.mark.parametrize(
    ("rule", "zone", "words"),
    [
        ("FREQ=WEEKLY;BYDAY=TH,MO", "Europe/London", "Every Monday and Thursday at 08:30"),
        ("FREQ=WEEKLY", "Europe/London", "Every Tuesday at 08:30"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "Europe/London", "Every 2 weeks on Monday at 08:30"),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "Europe/London", "Every day at 08:30"),
        ("FREQ=DAILY;BYHOUR=17;BYMINUTE=5", "Europe/London", "Every day at 17:05"),
        (
            "FREQ=MONTHLY;BYMONTHDAY=15;UNTIL=20261103",
            "Europe/London",
            "Every month on day 15 at 08:30, until 3 Nov 2026",
        ),
        ("FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1", "Europe/London", "Every 3 months on the last day at 08:30"),
        ("FREQ=MONTHLY;COUNT=3", "America/New_York", "Every month on day 3 at 08:30 (New York time), 3 times"),
        ("FREQ=MONTHLY;BYDAY=1MO", "Europe/London", "Custom rule FREQ=MONTHLY;BYDAY=1MO, from 08:30"),
        ("FREQ=WEEKLY;BYHOUR=9,15", "Europe/London", "Custom rule FREQ=WEEKLY;BYHOUR=9,15, from 08:30"),
        ("FREQ=YEARLY", "Europe/London", "Custom rule FREQ=YEARLY, from 08:30"),
    ],
)
def test_rule_is_told_in_words(rule: str, zone: str, words: str) -> None:
    starts = timezone.datetime(2026, 3, 3, 8, 30)  # type: ignore[attr-defined]
    row = Recurrence(rule=rule, zone=zone, starts_on=starts.date(), starts_time=starts.time())

    assert recurrence_words.in_words(row) == words


def test_rule_on_another_clock_than_the_readers_names_it() -> None:
    starts = timezone.datetime(2026, 3, 3, 8, 30)  # type: ignore[attr-defined]
    row = Recurrence(rule="FREQ=WEEKLY", zone="Europe/London", starts_on=starts.date(), starts_time=starts.time())

    with timezone.override("Europe/Madrid"):
        assert recurrence_words.in_words(row) == "Every Tuesday at 08:30 (UK time)"


def test_content_repeats_by_the_week(comms: User) -> None:
    row, channel = factories.approved_blog_entry(title="A day on the ward"), factories.channel(name="Stall")
    speaks = Console(comms)
    assert f'/plan/repeating/new?content={row.pk}"' in speaks.see(f"/compose/{row.pk}")

    _, said = speaks.send(
        f"/plan/repeating/new?content={row.pk}&every=week", channel=channel.pk, weekdays=["MO", "TH"], **WEEKLY
    )

    assert said == "A day on the ward repeats: Every Monday and Thursday at 08:30."
    made = Recurrence.objects.get()
    assert (made.rule, made.created_by) == ("FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TH", comms)
    first, *others = Publication.objects.order_by("publish_at").values_list("publish_at", flat=True)
    assert (f"{first:%a %d %H:%M}", len(others)) == ("Thu 05 08:30", 9)
    page = speaks.see("/plan/repeating")
    assert "Thu 5 Mar 08:30" in page
    assert "April" not in page
    opened = speaks.see(speaks.leads("/plan/repeating", "10 of A day on the ward").removesuffix("#posts"))
    waiting = opened.split('id="posts"')[1].split("</section>")[0]
    assert waiting.count('href="/console/publications/') == 10
    assert "Thu 2 Apr 08:30" in waiting


def test_every_channel_can_be_chosen(comms: User) -> None:
    rows = [factories.channel(name=f"Board {number:02}") for number in range(61)]
    page = Console(comms).see(f"/plan/repeating/new?content={factories.blog_entry().pk}")
    assert f'<option value="{rows[-1].pk}">Board 60' in page


def test_content_repeats_by_the_month_until_a_day(comms: User) -> None:
    row, channel = factories.approved_blog_entry(), factories.channel()
    typed = {name: value for name, value in WEEKLY.items() if name != "weeks"}

    Console(comms).send(
        f"/plan/repeating/new?content={row.pk}&every=month",
        channel=channel.pk,
        day="-1",
        **typed | {"until": "2026-12-31", "zone": "America/New_York"},
    )

    made = Recurrence.objects.get()
    assert recurrence_words.in_words(made) == (
        "Every month on the last day at 08:30 (New York time), until 31 Dec 2026"
    )


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"weekdays": []}, "Days: This field is required."),
        ({"channel": ""}, "Channel: This field is required."),
        ({"channel": "999999"}, "Select a valid choice."),
        ({"weeks": "0"}, "greater than or equal to 1"),
        ({"zone": "Mars"}, "Select a valid choice."),
        ({"until": "2026-03-02"}, "To: This rule has no times left."),
        ({"starts_on": "2020-03-02"}, "From: Choose a start within the last year."),
        ({"starts_on": "2026-03-29", "time": "01:30"}, "does not exist on 29 March 2026"),
    ],
)
def test_refusals_keep_what_was_typed(comms: User, typed: dict[str, Any], sentence: str) -> None:
    row, channel = factories.approved_blog_entry(), factories.channel()
    form = {"channel": channel.pk, "weekdays": ["WE"], **WEEKLY, **typed}

    status, page = Console(comms).send(f"/plan/repeating/new?content={row.pk}", **form)

    assert (status, Recurrence.objects.exists()) == (200, False)
    assert sentence in page
    assert f'value="{form["time"]}"' in page


def test_after_a_vacancy_has_closed_nothing_repeats(comms: User) -> None:
    row, channel = factories.approved_vacancy(closes_at=factories.in_days(0.5)), factories.channel()

    _, page = Console(comms).send(
        f"/plan/repeating/new?content={row.pk}", channel=channel.pk, weekdays=["WE"], **WEEKLY
    )

    assert "The first time is after the job closes" in page
    assert not Recurrence.objects.exists()


def test_staff_content_is_offered_no_public_channel_and_gone_content_no_form(comms: User) -> None:
    factories.channel(name="Website")
    factories.channel(name="Staff wall", audience="staff")
    row, gone = factories.bulletin(title="News in brief"), factories.blog_entry(title="Of last year")
    factories.archived(gone)
    speaks = Console(comms)

    page = speaks.see(f"/plan/repeating/new?content={row.pk}")
    assert "Staff wall</option>" in page
    assert "Website</option>" not in page
    speaks.see(f"/plan/repeating/new?content={gone.pk}", status=404)
    chooser = speaks.see("/plan/repeating/new")
    assert f'?content={row.pk}">News in brief' in chooser
    assert "Of last year" not in chooser
    assert "No results." in speaks.see("/plan/repeating/new?q=nowhere")


def test_one_is_ended_with_a_reason_and_only_once(comms: User, approver: User) -> None:
    row = factories.recurrence()
    path = f"/plan/repeating/{row.pk}/end"
    speaks = Console(comms)
    assert "5 scheduled posts will be cancelled" in speaks.see(path)
    assert "Reason: Enter a reason." in speaks.send(path, reason=" ")[1]

    assert speaks.send(path, reason="Enough people applied.") == (
        302,
        "Stopped. 5 scheduled posts were cancelled.",
    )
    status, again = Console(approver).send(path, reason="Too late.")
    assert status == 200
    assert "It ended" in again
    assert not Publication.objects.waiting().exists()
    page = speaks.see("/plan/repeating?ended=1")
    assert "by Amara Osei" in page
    assert "Enough people applied." in page
    assert "are added to the plan automatically" in speaks.see("/plan/repeating")


def test_reader_looks_and_starts_nothing(manager: User) -> None:
    row = factories.recurrence()
    speaks = Console(manager)

    page = speaks.see("/plan/repeating").split('<main id="main"')[1]

    assert row.content.title in page
    assert "/end" not in page
    assert "Add a repeating post" not in page
    for path in (f"/plan/repeating/{row.pk}/end", f"/plan/repeating/new?content={row.content_id}"):
        assert speaks.send(path, reason="Mine.")[0] == 403
    assert 'href="/console/plan/repeating"' in speaks.see("/plan")


def test_pages_cost_few_queries(django_assert_max_num_queries: DjangoAssertNumQueries, admin: User) -> None:
    entry = factories.approved_blog_entry()
    for _ in range(5):
        row = factories.recurrence(of=entry)
    recurrences.end_recurrence(recurrence=row, by=admin, reason="Over.")
    Organisation.current()
    speaks = Console(admin)

    for path in (
        "/plan/repeating",
        "/plan/repeating?ended=1",
        f"/plan/repeating/{row.pk}/end",
        f"/plan/repeating/new?content={entry.pk}",
    ):
        with django_assert_max_num_queries(12):
            speaks.see(path)
