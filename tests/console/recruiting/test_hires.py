"""Hires in the console: the list and its file, the trace of one, and starting and reversing it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from pytest_django import DjangoAssertNumQueries

from backend.accounts.models import User
from campaigns.hiring import links, reports, services
from campaigns.hiring.models import Hire, HireState, Stage
from campaigns.planning.models import Organisation, Publication
from tests import factories
from tests.api.recruiting import hiring
from tests.console.recruiting.test_candidates import seen
from tests.console.speaking import Console

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def listed(speaks: Console, query: str = "") -> list[str]:
    return [line[0] for line in speaks.cells(f"/hires?format=csv&{query}")[1:]]


def whole_way(hr: User) -> tuple[Hire, Publication]:
    """Read on Mastodon, met at an event, applied, interviewed, hired, started; and a touch that came too late."""
    twitter, stall = factories.channel(name="Mastodon", category="social"), factories.channel(name="Careers stall")
    post = factories.approved_vacancy(campaign=factories.campaign(name="Nurses for Langley Green"))
    publication = factories.publication(of=post, on=twitter)
    link = links.link_for_publication(publication=publication, page_url="https://example.org/a")
    event = factories.event(title="Fish and chips by the sea")
    row = hiring.candidate(vacancy=post, applied_at=datetime(2026, 2, 6, 9, tzinfo=UTC), stated_channel=stall)
    services.add_touch(candidate=row, link_code=link.code, at=datetime(2026, 2, 3, 12, tzinfo=UTC))
    services.add_touch(candidate=row, channel=stall, event=event, at=datetime(2026, 2, 5, 12, tzinfo=UTC))
    services.add_touch(candidate=row, channel=twitter, at=datetime(2026, 2, 21, 12, tzinfo=UTC))
    services.move_candidate(candidate=row, stage=Stage.INTERVIEW, at=datetime(2026, 2, 10, 9, tzinfo=UTC), by=hr)
    hire = services.record_hire(candidate=row, accepted_on=date(2026, 2, 14), started_on=date(2026, 2, 28), by=hr)
    return hire, publication


def test_trace_leads_from_the_hire_to_the_campaign_each_step_in_its_order(hr: User) -> None:
    hire, publication = whole_way(hr)
    post = hire.vacancy

    page = Console(hr).see(f"/hires/{hire.pk}")

    told = page.split('<ol class="way">')[1]
    steps = [
        *("Read ", f"“{post.title}”", "Mastodon", "First touch", "Tue 3 Feb"),
        *(f"Tracked link {publication.link.code}", "Post scheduled for", "Campaign: Nurses for Langley Green"),
        *(
            "Checked in at",
            "Fish and chips by the sea",
            "Last touch",
            "Applied for",
            "Interview",
            "recorded by Ruth Kaplan",
        ),
        *("Accepted the offer", "Sat 14 Feb", "recorded manually", "it gets no credit", "Started", "Sat 28 Feb"),
    ]
    places = []
    for words in steps:
        places.append(told.index(words, places[-1] if places else 0))
    assert places == sorted(places)
    for address in (
        f"/console/publications/{publication.pk}",
        f"/console/channels/{publication.channel_id}",
        f"/console/candidates/{hire.candidate_id}",
    ):
        assert f'href="{address}"' in page
    line = page.split('<ol class="line"')[1].split("</ol>")[0]
    for words in ("Read on Mastodon", "applied", "accepted", "started"):
        assert words in line
    credit = page.split("Who gets the credit")[1]
    assert credit.index("First touch") < credit.index("Mastodon") < credit.index("Last touch")
    assert reports.DEFINITIONS["first"] in page
    assert f"<title>Hire of {hire.candidate.reference} – Promenade</title>" in page


def test_hire_without_touches_says_so(hr: User) -> None:
    hire = hiring.hire("2026-02-20")
    page = Console(hr).see(f"/hires/{hire.pk}")
    assert "Where they heard about us is not recorded." in page
    assert page.count("Not recorded") >= 3


def test_start_is_recorded(hr: User) -> None:
    hire = hiring.hire("2026-02-20")
    speaks, path = Console(hr), f"/hires/{hire.pk}/start"
    assert "Source of hire does not change" in speaks.see(path)

    _, said = speaks.send(path, started_on="2026-02-27", seen=seen(speaks, path))

    assert said == f"{hire.candidate.reference} has started."
    hire.refresh_from_db()
    assert (hire.state, hire.started_on, hire.candidate.stage) == ("started", date(2026, 2, 27), "started")
    assert (
        "This hire is started and cannot become started."
        in speaks.send(path, started_on="2026-02-27", seen=seen(speaks, path))[1]
    )


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-02-19", "The start date cannot be before the day the offer was accepted."),
        ("2100-01-01", "This date is in the future."),
        ("", "This field is required."),
    ],
)
def test_starts_that_are_refused(hr: User, day: str, said: str) -> None:
    hire = hiring.hire("2026-02-20")
    speaks, path = Console(hr), f"/hires/{hire.pk}/start"

    assert said in speaks.send(path, started_on=day, seen=seen(speaks, path))[1]

    assert Hire.objects.get().state == HireState.ACCEPTED


def test_reversal_says_whose_figures_fall_and_gives_the_credit_back(hr: User) -> None:
    radio = factories.channel(name="Hospital radio")
    hire = hiring.hire("2026-02-20", met=[radio])
    speaks, path = Console(hr), f"/hires/{hire.pk}/reverse"
    page = speaks.see(path)
    assert "First touch: Hospital radio has 1 hire fewer" in page
    assert "Stated by the candidate: 1 fewer “Not recorded”" in page
    assert "This field is required." in speaks.send(path, seen=seen(speaks, path))[1]

    _, said = speaks.send(path, stage="rejected", seen=seen(speaks, path))

    assert said == f"The hire of {hire.candidate.reference} has been reversed and no longer counts."
    hire.refresh_from_db()
    assert (hire.state, hire.candidate.stage) == ("reversed", "rejected")
    page = speaks.see(f"/hires/{hire.pk}")
    for words in ("Nobody. The hire was reversed", "The hire was reversed: rejected", "reversed</li>"):
        assert words in page
    assert "cannot become reversed" in speaks.send(path, stage="rejected", seen=seen(speaks, path))[1]


def test_two_people_at_one_hire(hr: User) -> None:
    hire = hiring.hire("2026-02-20")
    speaks, path = Console(hr), f"/hires/{hire.pk}/reverse"
    before = seen(speaks, path)
    services.start_hire(hire=hire, started_on=date(2026, 2, 27), by=None)

    assert "Someone changed this" in speaks.send(path, stage="rejected", seen=before)[1]

    assert Hire.objects.get().state == HireState.STARTED


def test_list_is_filtered_and_with_a_source_it_is_the_rows_behind_a_figure(hr: User) -> None:
    radio, stall = factories.channel(name="Hospital radio"), factories.channel(name="Careers stall")
    team, campaign = factories.team(name="Coral ward"), factories.campaign()
    post = factories.vacancy(team=team, campaign=campaign)
    one = hiring.hire("2026-01-10", met=[radio, stall], post=post)
    two = hiring.hire("2026-02-10", met=[stall], stated=radio)
    three = hiring.hire("2026-02-20", met=[radio])
    services.reverse_hire(hire=three, by=None)
    speaks = Console(hr)
    name = {hire.pk: hire.candidate.reference for hire in (one, two, three)}

    assert listed(speaks) == [name[three.pk], name[two.pk], name[one.pk]]
    assert listed(speaks, "state=counted") == listed(speaks, "state=accepted")
    assert listed(speaks, "sort=accepted_on") == [name[one.pk], name[two.pk], name[three.pk]]
    for query, found in {
        "state=reversed": [three],
        f"vacancy={post.pk}": [one],
        f"team={team.pk}": [one],
        "team=none": [three, two],
        f"campaign={campaign.pk}": [one],
        "campaign=none": [three, two],
        "from=2026-02-10&to=2026-02-19": [two],
        f"channel={radio.pk}": [one],
        f"channel={stall.pk}&model=last": [two, one],
        f"channel={radio.pk}&model=stated": [two],
        "channel=none&model=stated": [one],
        f"channel={radio.pk}&state=reversed": [],
    }.items():
        references = [name[hire.pk] for hire in found]
        assert listed(speaks, query) == references, query
        page = speaks.see(f"/hires?{query}")
        assert {reference for reference in name.values() if f">{reference}<" in page} == set(references), query
    for model in ("first", "last", "stated"):
        report = reports.source_of_hire(start=date(2026, 1, 1), end=date(2026, 2, 28), model=model)
        for row in report.rows:
            asked = f"from=2026-01-01&to=2026-02-28&model={model}&channel={row.key or 'none'}"
            assert len(listed(speaks, asked)) == row.hires

    head, line = speaks.cells(f"/hires?format=csv&model=last&vacancy={post.pk}")
    assert ",".join(head) == "Candidate,Job,Job reference,Team,Status,Accepted,Started,Source, last touch"
    assert (
        ",".join(line) == f"{name[one.pk]},{post.title},{post.reference},Coral ward,Accepted,2026-01-10,,Careers stall"
    )


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("from=2026-02-10&to=2026-02-09", "The end date is before the start date."),
        ("from=0001-01-01", "Choose a date between 1971 and 2200."),
        ("model=markov", "Select a valid choice."),
        ("channel=999999", "Select a valid choice."),
        ("team=x", "Select a valid choice."),
    ],
)
def test_wrong_filter_finds_nothing_and_says_why(hr: User, query: str, said: str) -> None:
    hire = hiring.hire("2026-02-20")
    speaks = Console(hr)

    page = speaks.see(f"/hires?{query}")

    assert said in page
    assert hire.candidate.reference not in page
    assert listed(speaks, query) == []


def test_pages_lose_nothing_and_cost_few_queries(
    hr: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    post, radio = factories.vacancy(), factories.channel()
    everything = [hiring.hire("2026-02-20", post=post, met=[radio]).candidate.reference for _ in range(35)]
    hire, _ = whole_way(hr)
    Organisation.current()
    speaks = Console(hr)
    with django_assert_max_num_queries(12):
        page = speaks.see("/hires")
    following = page.split('" rel="next"')[0].rsplit('href="', 1)[1]
    with django_assert_max_num_queries(12):
        page += speaks.see(f"/hires{following}")
    assert [page.count(f">{reference}<") for reference in everything] == [1] * 35
    for path in (f"/hires/{hire.pk}", f"/hires/{hire.pk}/reverse", f"/candidates/{hire.candidate_id}"):
        with django_assert_max_num_queries(12):
            speaks.see(path)


def test_empty_list_says_what_it_is_for(hr: User) -> None:
    assert "People who accepted a job appear here" in Console(hr).see("/hires")
