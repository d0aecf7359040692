from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from campaigns.hiring import links, visits
from campaigns.website import addresses
from tests import factories
from tests.api.asserting import ids, ok, refused
from tests.conftest import Api

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0"}


def test_make_and_read_a_link_of_a_poster(api: Api) -> None:
    poster, post = factories.channel(name="Poster", category="print"), factories.vacancy()
    made = ok(api.as_("comms").post("/links", {"channel_id": poster.pk, "content_id": post.pk}), 201)
    assert made["url"] == f"{settings.BASE_URL}/r/{made['code']}"
    assert made["target"] == post.apply_url
    assert (made["channel_id"], made["content_id"], made["publication_id"]) == (poster.pk, post.pk, None)
    read = ok(api.as_("hr").get(f"/links/{made['id']}"))
    assert read.pop("visits_by_day")[-1] == {"day": timezone.localdate().isoformat(), "visits": 0}
    assert read == made | {"visits": 0, "not_counted": {"head": 0, "prefetch": 0, "crawler": 0, "repeat": 0}}


def test_a_link_leads_where_it_is_told(api: Api) -> None:
    stall, entry = factories.channel(), factories.blog_entry()
    body = {"channel_id": stall.pk, "content_id": entry.pk}
    assert ok(api.as_("hr").post("/links", body), 201)["target"] == addresses.page_of(entry)
    chosen = body | {"target": "https://jobs.example.org/stall"}
    assert ok(api.as_("hr").post("/links", chosen), 201)["target"] == "https://jobs.example.org/stall"


def test_visits_of_people_and_the_others_are_counted_apart(api: Api) -> None:
    entry = factories.blog_entry()
    link = links.make_link(channel=factories.channel(), content=entry, page_url="https://example.org/")
    for method, headers, address in (
        ("GET", BROWSER, "192.0.2.1"),
        ("GET", BROWSER, "192.0.2.2"),
        ("GET", BROWSER, "192.0.2.2"),
        ("HEAD", BROWSER, "192.0.2.3"),
        ("GET", {"User-Agent": "Twitterbot/1.0"}, "192.0.2.4"),
        ("GET", BROWSER | {"Sec-Purpose": "prefetch"}, "192.0.2.5"),
    ):
        visits.record_visit(link=link, method=method, headers=headers, address=address, at=timezone.now())
    read = ok(api.as_("comms").get(f"/links/{link.pk}"))
    assert read["visits"] == 2
    assert [day["visits"] for day in read["visits_by_day"]] == [0] * 29 + [2]
    assert read["not_counted"] == {"head": 1, "prefetch": 1, "crawler": 1, "repeat": 1}


def test_list_by_channel_content_and_publication(api: Api) -> None:
    publication = factories.publication()
    of_publication = links.link_for_publication(publication=publication, page_url="https://example.org/")
    by_hand = links.make_link(
        channel=publication.channel, content=factories.blog_entry(), page_url="https://example.org/"
    )
    comms = api.as_("comms")
    assert ids(comms.get("/links")) == [by_hand.pk, of_publication.pk]
    assert ids(comms.get("/links", sort="id", channel_id=publication.channel_id)) == [of_publication.pk, by_hand.pk]
    assert ids(comms.get("/links", content_id=by_hand.content_id)) == [by_hand.pk]
    campaign = factories.campaign()
    of_campaign = links.make_link(
        channel=publication.channel,
        content=factories.blog_entry(campaign_id=campaign.pk),
        page_url="https://example.org/",
    )
    assert ids(comms.get("/links", campaign_id=campaign.pk)) == [of_campaign.pk]
    assert ids(comms.get("/links", publication_id=publication.pk)) == [of_publication.pk]
    assert "visits" not in ok(comms.get("/links"))["items"][0]


def test_bad_input(api: Api) -> None:
    channel, entry = factories.channel(), factories.blog_entry()
    good = {"channel_id": channel.pk, "content_id": entry.pk}
    comms = api.as_("comms")
    refused(comms.post("/links", good | {"channel_id": 999}), 422, "invalid", "channel_id")
    refused(comms.post("/links", good | {"content_id": 999}), 422, "invalid", "content_id")
    refused(comms.post("/links", good | {"target": "javascript:alert(1)"}), 422, "bad_target", "target")
    refused(comms.post("/links", good | {"target": "https://example.org/" + "a" * 1000}), 422, "invalid", "target")
    refused(comms.post("/links", {"channel_id": channel.pk}), 422, "invalid", "content_id")
    refused(comms.get("/links/999"), 404, "not_found")
    refused(comms.get("/links", channel=1), 422, "bad_parameter", "channel")


def test_outsiders_and_readers(api: Api, outsider: Api) -> None:
    refused(outsider.get("/links"), 401)
    refused(outsider.post("/links", {}), 401)
    refused(outsider.get("/links/1"), 401)
    refused(api.as_("reader").get("/links"), 403, "role")
    refused(api.as_("reader").post("/links", {}), 403, "role")
    refused(api.as_("reader").get("/links/1"), 403, "role")
