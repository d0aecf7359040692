"""Candidates in the console: the list and its file, one candidate's way, what HR records, and what nobody else sees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import User
from campaigns.hiring import links, services
from campaigns.hiring.models import Candidate, Hire, Stage, Touch
from campaigns.planning.models import Organisation
from tests import factories
from tests.api.recruiting import hiring
from tests.console.speaking import Console

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
GRACE = {"name": "Grace Adeyemi", "email": "grace.adeyemi@example.org", "phone": "01632 960417"}


def seen(speaks: Console, path: str) -> str:
    """What a form's hidden field holds."""
    return speaks.see(path).split('name="seen" value="')[1].split('"')[0]


def listed(speaks: Console, query: str = "") -> list[str]:
    """References that the list shows, in its order, from its file."""
    return [line[0] for line in speaks.cells(f"/candidates?format=csv&{query}")[1:]]


def test_candidate_is_added_for_a_vacancy_with_the_link_of_the_application(hr: User) -> None:
    post, poster = factories.vacancy(), factories.channel(name="Poster in the pier", category="print")
    link = links.make_link(channel=poster, content=post, page_url="https://example.org/")
    speaks = Console(hr)
    assert f'value="{post.reference}"' in speaks.see(f"/candidates/new?vacancy={post.pk}")

    given = {"reference": "AR-1", "vacancy": post.reference, "applied_at": "2026-02-20T20:15", "link_code": link.code}
    status, said = speaks.send("/candidates/new", **given, **GRACE)

    row = Candidate.objects.get()
    assert (status, said) == (302, "AR-1 was added.")
    assert (row.vacancy, row.name, row.touches.get().channel) == (post, "Grace Adeyemi", poster)
    page = speaks.see(f"/candidates/{row.pk}")
    assert "<title>Candidate AR-1 – Promenade</title>" in page
    for words in (*GRACE.values(), "Followed the link to", "Poster in the pier", link.code, "First touch"):
        assert words in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"reference": ""}, "Reference: This field is required."),
        ({"reference": "AR-0"}, "Reference: There is already a candidate with this reference."),
        ({"vacancy": "nothing"}, "Job: No job has this reference."),
        ({"applied_at": "2999-01-01T10:00"}, "Applied: Choose a date between 1971 and 2200."),
        ({"applied_at": "2100-01-01T10:00"}, "Applied: This time is in the future."),
        ({"applied_at": "2026-03-29T01:30"}, "Applied: 01:30 does not exist on 29 March 2026"),
        ({"link_code": "zzzzzzzz"}, "Code of a tracked link: No tracked link has this code."),
        ({"name": "two\nlines"}, "Name: Enter 200 characters or fewer, on one line."),
    ],
)
def test_what_the_room_refuses_stands_beside_its_field_and_is_kept(hr: User, wrong: dict[str, str], said: str) -> None:
    hiring.candidate(reference="AR-0")

    status, page = Console(hr).send("/candidates/new", **{"reference": "AR-1", **GRACE} | wrong)

    assert status == 200
    assert said in page
    assert 'value="grace.adeyemi@example.org"' in page
    assert Candidate.objects.count() == 1


def test_candidate_is_changed_and_the_seconds_of_the_application_stay(hr: User) -> None:
    at = datetime(2026, 2, 20, 20, 15, 37, tzinfo=UTC)
    row, radio = hiring.candidate(applied_at=at, **GRACE), factories.channel(name="Hospital radio")
    speaks, path = Console(hr), f"/candidates/{row.pk}/change"
    given = {"reference": row.reference, "applied_at": "2026-02-20T20:15", "stated_channel": radio.pk, "name": ""}

    assert speaks.send(path, **given, seen=seen(speaks, path))[1] == f"{row.reference} was changed."

    row.refresh_from_db()
    assert (row.applied_at, row.stated_channel, row.name, row.email) == (at, radio, None, None)


def test_two_people_at_one_candidate(hr: User) -> None:
    row = hiring.candidate()
    speaks, path = Console(hr), f"/candidates/{row.pk}/change"
    before = seen(speaks, path)
    services.change_candidate(candidate=row, changes={"name": "Gloria"})

    _, page = speaks.send(path, reference=row.reference, name="Grace", seen=before)

    assert "Someone changed this while you had it open" in page
    assert "Name: Gloria" in page
    assert Candidate.objects.get().name == "Gloria"


def test_vacancy_and_channel_of_the_same_name_are_others(hr: User) -> None:
    row = hiring.candidate()
    posts = [factories.vacancy(title="Staff nurse") for _ in range(3)]
    stalls = [factories.channel(name="Stall", category=category) for category in ("event", "print")]
    services.change_candidate(candidate=row, changes={"vacancy": posts[0], "stated_channel": stalls[0]})
    speaks, path = Console(hr), f"/candidates/{row.pk}/change"
    for change, theirs in (({"vacancy": posts[1]}, "vacancy"), ({"stated_channel": stalls[1]}, "stated_channel")):
        before = seen(speaks, path)
        services.change_candidate(candidate=row, changes=change)

        _, page = speaks.send(path, reference=row.reference, vacancy=posts[2].reference, seen=before)

        assert "Someone changed this while you had it open" in page
        row.refresh_from_db()
        assert getattr(row, theirs) == change[theirs]


def test_only_open_stages_are_offered_and_a_move_is_told_with_who_and_when(hr: User) -> None:
    row = hiring.candidate()
    speaks, path = Console(hr), f"/candidates/{row.pk}/move"
    page = speaks.see(path)
    assert [stage.value for stage in Stage if f'value="{stage.value}"' in page] == [
        *("screened", "interview", "offered", "withdrawn", "rejected")
    ]

    _, said = speaks.send(path, stage="interview", at="2026-02-27T14:00", seen=seen(speaks, path))

    assert said == f"{row.reference} is now at Interview."
    assert row.stage_moves.get().at == datetime(2026, 2, 27, 14, tzinfo=UTC)
    assert f"recorded by {hr.name}" in speaks.see(f"/candidates/{row.pk}")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"stage": "new"}, "A candidate cannot go from New to New."),
        ({"stage": "accepted"}, "Record the hire instead. This moves the candidate too."),
        ({"stage": "offered", "at": "2100-01-01T10:00"}, "When: This time is in the future."),
        ({"stage": "hired"}, "Select a valid choice."),
        ({}, "This field is required."),
    ],
)
def test_moves_that_are_refused(hr: User, form: dict[str, str], said: str) -> None:
    row = hiring.candidate()
    speaks, path = Console(hr), f"/candidates/{row.pk}/move"

    assert said in speaks.send(path, **form, seen=seen(speaks, path))[1]

    assert not row.stage_moves.exists()


def test_who_decides_a_move_on_an_old_stage_is_told(hr: User) -> None:
    row = hiring.candidate()
    speaks, path = Console(hr), f"/candidates/{row.pk}/move"
    before = seen(speaks, path)
    services.move_candidate(candidate=row, stage=Stage.OFFERED, by=None)

    _, page = speaks.send(path, stage="rejected", seen=before)

    assert "New stage: Offered" in page
    assert Candidate.objects.get().stage == Stage.OFFERED


def test_a_hired_candidate_is_moved_by_the_hire(hr: User) -> None:
    hire = hiring.hire("2026-02-20")
    speaks, path = Console(hr), f"/candidates/{hire.candidate_id}/move"
    assert f"/console/hires/{hire.pk}/reverse" in speaks.see(path)

    assert speaks.send(path, stage="withdrawn")[0] == 200

    assert Candidate.objects.get().stage == Stage.ACCEPTED


def test_touches_are_added_in_each_way_and_taken_off(hr: User) -> None:
    stall, event = (
        factories.channel(name="Careers stall"),
        factories.event(starts_at=factories.in_days(-3), allow_past=True),
    )
    link = links.make_link(channel=factories.channel(name="Poster"), content=event, page_url="https://example.org/")
    row, speaks = hiring.candidate(), Console(hr)
    path = f"/candidates/{row.pk}/touches/add"
    assert event.title in speaks.see(path)

    _, said = speaks.send(path, channel=stall.pk, event=event.pk, at="2026-02-14T11:30")
    assert said == f"Recorded: {row.reference} heard about us from Careers stall."
    speaks.send(path, link_code=link.code.upper())
    speaks.send(path, channel=stall.pk)

    assert [touch.kind for touch in row.touches.order_by("id")] == ["check_in", "link", "recorded"]
    page = speaks.see(f"/candidates/{row.pk}")
    for words in ("Checked in at", "Followed the link to", "recorded manually"):
        assert words in page
    first = row.touches.first()
    assert first is not None
    said = speaks.send(f"/candidates/{row.pk}/touches/{first.pk}/remove")[1]
    assert "Careers stall and its credit have been removed" in said
    assert row.touches.count() == 2
    assert speaks.send(f"/candidates/{hiring.candidate().pk}/touches/{row.touches.all()[0].pk}/remove")[0] == 404


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "Channel: Choose the channel where they heard about us, or enter the code of a tracked link."),
        ({"channel": "999999"}, "Channel: Select a valid choice."),
        ({"link_code": "zzzzzzzz"}, "No tracked link has this code."),
        ({"event": "999999"}, "Select a valid choice."),
        ({"channel": "", "at": "yesterday"}, "When: Enter a date and time"),
    ],
)
def test_touches_that_are_refused(hr: User, form: dict[str, str], said: str) -> None:
    row = hiring.candidate()

    assert said in Console(hr).send(f"/candidates/{row.pk}/touches/add", **form)[1]

    assert not Touch.objects.exists()


def test_hire_is_recorded_once(hr: User) -> None:
    post = factories.vacancy()
    row, speaks = hiring.candidate(vacancy=post), Console(hr)
    path = f"/candidates/{row.pk}/hire"
    assert f'value="{post.reference}"' in speaks.see(path)
    day = timezone.localdate() - timedelta(days=3)

    assert speaks.send(path, accepted_on=day, vacancy=post.reference)[1] == f"The hire of {row.reference} is recorded."
    assert "already been recorded" in speaks.send(path, accepted_on=day, vacancy=post.reference)[1]

    assert Hire.objects.get().accepted_on == day
    assert "See the hire" in speaks.see(f"/candidates/{row.pk}")
    assert "The hire has already been recorded." in speaks.see(path)
    gone = hiring.candidate()
    services.move_candidate(candidate=gone, stage=Stage.WITHDRAWN, by=None)
    assert "move the candidate to another stage" in speaks.see(f"/candidates/{gone.pk}/hire")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "Job: Choose the job that was filled."),
        ({"accepted_on": "2100-01-01"}, "This date is in the future."),
        ({"accepted_on": "2026-01-31"}, "This candidate applied on 1 February 2026, after this date."),
        ({"started_on": "2026-02-19"}, "Started on: The start date cannot be before the day the offer was accepted."),
        ({"accepted_on": "0001-01-01"}, "Choose a date between 1971 and 2200."),
    ],
)
def test_hires_that_are_refused(hr: User, form: dict[str, str], said: str) -> None:
    post = factories.vacancy() if form else None
    row = hiring.candidate(vacancy=post, applied_at=datetime(2026, 2, 1, 9, tzinfo=UTC))

    _, page = Console(hr).send(f"/candidates/{row.pk}/hire", **{"accepted_on": "2026-02-20"} | form)

    assert said in page
    assert not Hire.objects.exists()
    row.refresh_from_db()
    assert row.stage == Stage.NEW


def test_list_is_filtered_sorted_and_handed_over_as_it_stands(hr: User) -> None:
    campaign = factories.campaign()
    post = factories.vacancy(campaign=campaign, title="Nurse, nights")
    early = hiring.candidate(reference="AR-1", vacancy=post, applied_at=datetime(2025, 7, 1, 23, 30, tzinfo=UTC))
    late = hiring.candidate(reference="AR-2", applied_at=datetime(2025, 7, 3, 12, tzinfo=UTC), **GRACE)
    services.move_candidate(candidate=late, stage=Stage.INTERVIEW, by=None)
    speaks = Console(hr)

    assert listed(speaks) == ["AR-2", "AR-1"]
    assert listed(speaks, "sort=reference") == ["AR-1", "AR-2"]
    for query, found in {
        "stage=interview": ["AR-2"],
        "reference=ar-1": ["AR-1"],
        "reference=AR": [],
        f"vacancy={post.pk}": ["AR-1"],
        f"vacancy_reference={post.reference}": ["AR-1"],
        f"campaign={campaign.pk}": ["AR-1"],
        "applied_from=2025-07-02&applied_to=2025-07-02": ["AR-1"],
        "applied_from=2025-07-03": ["AR-2"],
    }.items():
        assert listed(speaks, query) == found, query
        page = speaks.see(f"/candidates?{query}")
        assert [row.reference for row in (late, early) if f">{row.reference}<" in page] == found, query

    answer = speaks.client.get("/console/candidates?format=csv&stage=new")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="candidates-')
    assert "no-store" in answer.headers["Cache-Control"]
    head, line = speaks.cells("/candidates?format=csv&stage=new")
    assert head == ["Reference", "Stage", "Job", "Job reference", "Applied", "Recorded"]
    assert line[:5] == ["AR-1", "New", "Nurse, nights", post.reference, "2025-07-02 00:30"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("applied_from=2025-07-03&applied_to=2025-07-02", "The end date is before the start date."),
        ("applied_from=31+February", "Enter a valid date."),
        ("vacancy=999999", "No job has this reference."),
        ("vacancy=99999999999999999999", "No job has this reference."),
        ("stage=hired", "Select a valid choice."),
        ("campaign=x", "Select a valid choice."),
        ("reference=%00", "Null characters are not allowed."),
    ],
)
def test_wrong_filter_finds_nobody_and_says_why(hr: User, query: str, said: str) -> None:
    row = hiring.candidate()
    speaks = Console(hr)

    page = speaks.see(f"/candidates?{query}")

    assert said in page
    assert row.reference not in page
    assert listed(speaks, query) == []


def test_file_runs_nothing_in_a_spreadsheet_and_holds_no_names(hr: User) -> None:
    """A semicolon ends a cell in some of them, unless the cell stands in quotes."""
    for reference in ("=1+1", "+1", "-1", "@SUM(A1)", "x;=1+1"):
        hiring.candidate(reference=reference, **GRACE)

    assert listed(Console(hr), "sort=pk") == ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "x;=1+1"]
    text = Console(hr).download("/candidates?format=csv&sort=pk")
    assert '"x;=1+1"' in text
    assert not [word for word in GRACE.values() if word in text]


def test_pages_lose_nobody_and_cost_few_queries(
    hr: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    post = factories.vacancy()
    everybody = [hiring.candidate(vacancy=post).reference for _ in range(65)]
    for _ in range(5):
        services.add_touch(candidate=Candidate.objects.first(), channel=factories.channel())
    Organisation.current()
    speaks, found, path = Console(hr), [], "/candidates?sort=reference"
    while path:
        with django_assert_max_num_queries(12):
            page = speaks.see(path)
        found += [reference for reference in everybody if f">{reference}<" in page]
        following = page.split('" rel="next"')[0].rsplit('href="', 1)[1] if 'rel="next"' in page else ""
        path = f"/candidates{following}" if following else ""
    assert found == sorted(everybody)
    with django_assert_max_num_queries(12):
        speaks.see(f"/candidates/{Candidate.objects.first().pk}")


def test_empty_list_says_what_it_is_for(hr: User) -> None:
    speaks = Console(hr)
    assert "Candidates you add appear here" in speaks.see("/candidates")
    assert "No candidates match." in speaks.see("/candidates?stage=offered")


@pytest.mark.parametrize("role", ["comms", "approver", "reader"])
def test_nobody_else_learns_anything_of_a_candidate(role: str) -> None:
    """Nor that there is one: a row that is there and one that is not are answered alike."""
    hire = hiring.hire("2026-02-20", met=[factories.channel()])
    row = hire.candidate
    services.change_candidate(candidate=row, changes=GRACE)
    touch = row.touches.get()
    client = Client()
    client.force_login(factories.person(role))
    secret = [*GRACE.values(), row.reference, hire.vacancy.reference]

    def ask(pk: int, hire_pk: int) -> list[tuple[int, bytes]]:
        shown = [f"candidates/{pk}{end}" for end in ("", "/change", "/move", "/touches/add", "/hire")]
        shown += ["candidates", "candidates/new", "candidates?format=csv", f"candidates?reference={pk}"]
        shown += ["hires", "hires?format=csv", *(f"hires/{hire_pk}{end}" for end in ("", "/start", "/reverse"))]
        buttons = [*shown, f"candidates/{pk}/touches/{touch.pk}/remove"]
        answers = [client.get(f"/console/{path}") for path in shown]
        answers += [client.post(f"/console/{path}", {"next": "/console/account"}) for path in buttons]
        for answer in answers:
            text = answer.content.decode() + str(answer.headers)
            assert answer.status_code == 403
            assert not [word for word in secret if word in text]
            assert list(get_messages(answer.wsgi_request)) == []
        return [(answer.status_code, answer.content.split(b"<main")[1]) for answer in answers]

    assert ask(row.pk, hire.pk) == ask(999999, 999999)
    for path in (f"search?q={row.reference}", f"palette?q={row.reference}", "search?q=Grace"):
        page = client.get(f"/console/{path}").content.decode()
        assert f"/console/candidates/{row.pk}" not in page
        assert "Candidate for" not in page
    assert (Touch.objects.count(), Hire.objects.get().state) == (1, "accepted")


def test_sign_in_does_not_tell_whom_it_was_about() -> None:
    row = hiring.candidate(**GRACE)
    answer = Client().get(f"/console/candidates/{row.pk}")
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/console/sign-in?next=/console/candidates/{row.pk}"
