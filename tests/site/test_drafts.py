"""A page before it is published: inside the console, for those who plan, and nowhere else."""

from __future__ import annotations

import pytest
from django.test import Client

from campaigns.bulletins.models import Item
from campaigns.planning.services import compositions
from tests import factories
from tests.console.composing import website, x

pytestmark = pytest.mark.django_db


def test_it_looks_as_the_page_will_and_only_our_own_pages_may_frame_it(client: Client) -> None:
    row, site = factories.vacancy(title="Staff nurse", summary="By the sea."), website()
    chosen = [compositions.Chosen(site, "A ward that listens.")]
    compositions.save_composition(content=row, version=0, chosen=chosen, by=factories.person("comms"))
    client.force_login(factories.person("comms"))
    answer = client.get(f"/drafts/{row.pk}?channel={site.pk}")
    page = answer.content.decode()
    assert "<h1>Staff nurse</h1>" in page
    assert "A ward that listens." in page
    assert "Apply for this vacancy" in page
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
