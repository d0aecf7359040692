"""A page before it is published: inside the console, for those who plan, and nowhere else."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from backend import page_drafts
from campaigns.bulletins.models import Bulletin
from campaigns.planning.models import BlogEntry, Content
from campaigns.planning.services import compositions
from campaigns.website.models import Item
from tests import factories
from tests.console.compose.composing import website, x

pytestmark = pytest.mark.django_db


def test_it_looks_as_the_page_will_and_only_our_own_pages_may_frame_it(client: Client) -> None:
    row, site = factories.vacancy(title="Staff nurse", summary="By the sea."), website()
    chosen = [compositions.ChannelText(site, "A ward that listens.")]
    compositions.save_composition(content=row, version=0, chosen=chosen, by=factories.person("comms"))
    client.force_login(factories.person("comms"))
    answer = client.get(f"/drafts/{row.pk}?channel={site.pk}")
    page = answer.content.decode()
    assert '<h1 dir="auto">Staff nurse</h1>' in page
    assert "A ward that listens." in page
    assert "Apply for this job" in page
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self';" in answer.headers["Content-Security-Policy"] + ";"
    assert (answer.headers["Cache-Control"], answer.headers["X-Robots-Tag"]) == ("private, no-store", "noindex")
    assert not Item.objects.exists()


def test_what_is_planned_is_shown_with_its_own_words(client: Client) -> None:
    row = factories.blog_entry()
    publication = factories.publication(of=row, on=website(), wording="Its own words.")
    client.force_login(factories.person("approver"))
    assert "Its own words." in client.get(f"/drafts/{row.pk}?publication={publication.pk}").content.decode()


def test_others_see_nothing(client: Client) -> None:
    row, site = factories.blog_entry(), website()
    address = f"/drafts/{row.pk}?channel={site.pk}"
    assert client.get(address).status_code == 302
    for role in ("reader", "hr"):
        client.force_login(factories.person(role))
        assert client.get(address).status_code == 403


def test_what_is_no_page_of_ours_is_not_found(client: Client) -> None:
    row, other = factories.blog_entry(), factories.publication()
    client.force_login(factories.person("comms"))
    for query in (f"channel={x().pk}", "channel=999", "channel=one", "", f"publication={other.pk}", "publication=-1"):
        assert client.get(f"/drafts/{row.pk}?{query}").status_code == 404, query
    assert client.get("/drafts/999999").status_code == 404


ENTRY = {"title": "A night on the ward", "body": "With *tea*.", "author_line": "Maya", "tags": "nursing, nights"}


def test_what_is_being_written_looks_as_its_page_will_and_is_not_saved(client: Client) -> None:
    client.force_login(factories.person("comms"))
    answer = client.post("/drafts/written/blog_entry", ENTRY | {"audience": "public"})
    page = answer.content.decode()
    assert '<h1 dir="auto">A night on the ward</h1>' in page
    assert "<em>tea</em>" in page
    assert "Maya" in page
    assert '<li dir="auto">nights</li>' in page
    assert '<a href="/blog">' in page
    assert (answer.headers["X-Frame-Options"], answer.headers["Cache-Control"]) == ("SAMEORIGIN", "private, no-store")
    assert not Content.objects.exists()


def test_a_bulletin_being_written_shows_its_sections_in_order_for_staff(client: Client) -> None:
    team = factories.team(name="Coral ward")
    client.force_login(factories.person("comms"))
    sections = [
        {"kind": "text", "heading": "From <the> board", "body": "It met."},
        {"kind": "spotlight", "heading": "Meet them", "team": str(team.pk)},
        {"kind": "spotlight", "heading": "No team yet", "team": "x"},
    ]
    form = {"audience": "staff", "period_start": "2030-02-31", "period_end": ""}
    for number, section in enumerate(sections):
        form |= {f"section-{number}-{name}": value for name, value in section.items()}
    page = client.post("/drafts/written/bulletin", form).content.decode()
    told = ("From &lt;the&gt; board</h2>", "Meet them</h2>", "Coral ward, Crawley</p>", "No team yet</h2>")
    found = [page.index(words) for words in told]
    assert found == sorted(found)
    assert "Untitled" in page
    assert '<a href="/staff">' in page


def test_what_is_being_written_is_for_planners_and_needs_their_token(client: Client) -> None:
    assert client.post("/drafts/written/blog_entry", ENTRY).status_code == 401
    for role in ("reader", "hr"):
        client.force_login(factories.person(role))
        assert client.post("/drafts/written/blog_entry", ENTRY).status_code == 403
    client.force_login(factories.person("comms"))
    assert client.get("/drafts/written/blog_entry").status_code == 405
    assert client.post("/drafts/written/vacancy", ENTRY).status_code == 404
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(factories.person("comms"))
    assert strict.post("/drafts/written/blog_entry", ENTRY).status_code == 403


def test_what_is_being_written_is_read_as_its_form_reads_it(client: Client) -> None:
    client.force_login(factories.person("comms"))
    written = {"title": " A  night ", "summary": "One\r\ntwo.", "tags": " nights,, wards ,", "audience": "staff"}
    written |= {"author_line": " Maya ", "body": "a\r\n\r\n* b"}
    page = client.post("/drafts/written/blog_entry", written).content.decode()
    assert client.post("/console/blog-entries/new", written | {"do": "save"}).status_code == 302
    row = Content.objects.get().specific
    assert isinstance(row, BlogEntry)
    assert (row.tags, row.author_line) == (["nights", "wards"], "Maya")
    assert '<li dir="auto">nights</li>' in page
    assert '<li dir="auto">wards</li>' in page
    assert row.body == "a\n\n* b"


def test_days_are_read_as_their_form_reads_them() -> None:
    form = {"title": "x", "period_start": "1/3/2026", "period_end": "2026-03-31", "audience": "public"}
    draft = page_drafts.read_draft("bulletin", form)
    assert draft is not None
    assert isinstance(draft.content, Bulletin)
    assert (draft.content.period_start, draft.content.period_end) == (date(2026, 3, 1), date(2026, 3, 31))


@pytest.mark.parametrize(
    "wrong", [{"picture": "999"}, {"picture": "9" * 30}, {"picture": "x"}, {"audience": "nobody"}, {"body": "\0"}, {}]
)
def test_what_is_half_written_is_shown_as_far_as_it_goes(client: Client, wrong: dict[str, str]) -> None:
    client.force_login(factories.person("comms"))
    assert client.post("/drafts/written/blog_entry", wrong).status_code == 200
