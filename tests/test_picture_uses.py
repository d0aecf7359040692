"""Where a picture is used is one question: whatever begins or ends to show it says so in the same step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from campaigns.bulletins import services as bulletins
from campaigns.planning.models import Composition, Content, Organisation, Publication
from campaigns.planning.services import blog_entries, compositions, publications
from campaigns.planning.services import content as contents
from campaigns.planning.services import organisation as organisation_services
from campaigns.planning.services.compositions import ChannelText
from campaigns.website import items
from campaigns.website.models import Item
from media import uses
from media.models import Picture
from scheduler.connections import services as connections
from scheduler.mail.models import Mailing
from tests import factories
from tests.api.asserting import ok, refused
from tests.conftest import Api
from tests.console.speaking import Console
from tests.scheduler.conftest import make_due, send

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def pier() -> Picture:
    return factories.picture(alt_text="The pier")


@pytest.fixture
def ward() -> Picture:
    return factories.picture(alt_text="A ward")


def uses_of(picture: Picture) -> list[tuple[str, int]]:
    return sorted(picture.uses.values_list("kind", "row_id"))


def shown(picture: Picture) -> str:
    return f"Before.\n\n![Seen]({picture.path})\n\nAfter."


def test_content_that_chose_it(pier: Picture, ward: Picture) -> None:
    entry = factories.blog_entry(picture=pier)
    assert uses_of(pier) == [("content", entry.pk)]
    blog_entries.change_blog_entry(entry=entry, changes={"picture": ward}, by=None)
    assert (uses_of(pier), uses_of(ward)) == ([], [("content", entry.pk)])
    blog_entries.change_blog_entry(entry=entry, changes={"picture": None}, by=None)
    assert uses_of(ward) == []


def test_text_in_which_it_stands(pier: Picture, ward: Picture) -> None:
    entry = factories.blog_entry(body=shown(pier), picture=pier)
    assert uses_of(pier) == [("content", entry.pk), ("text", entry.pk)]
    blog_entries.change_blog_entry(entry=entry, changes={"body": shown(ward)}, by=None)
    assert (uses_of(pier), uses_of(ward)) == ([("content", entry.pk)], [("text", entry.pk)])
    blog_entries.change_blog_entry(entry=entry, changes={"body": "Only words."}, by=None)
    assert uses_of(ward) == []


def test_sections_of_a_bulletin_are_its_text(pier: Picture, ward: Picture) -> None:
    sections = [{"heading": "One", "body": shown(pier)}, {"heading": "Two", "body": shown(ward)}]
    row = factories.bulletin(sections=sections)
    assert uses_of(pier) == uses_of(ward) == [("text", row.pk)]
    bulletins.change_bulletin(bulletin=row, changes={"sections": sections[:1]}, by=None)
    assert (uses_of(pier), uses_of(ward)) == ([("text", row.pk)], [])
    bulletins.change_bulletin(bulletin=row, changes={"period_end": date(2040, 1, 1)}, by=None)
    assert uses_of(pier) == [("text", row.pk)]


def test_publication_with_pictures_of_its_own(pier: Picture, ward: Picture, comms: User) -> None:
    first, second = (
        publications.schedule_publication(
            content=factories.blog_entry(),
            channel=factories.channel(),
            publish_at=factories.in_days(3),
            zone="Europe/London",
            pictures=[pier],
            by=comms,
        )
        for _ in range(2)
    )
    assert uses_of(pier) == [("publication", first.pk), ("publication", second.pk)]
    publications.change_publication(publication=first, pictures=[ward], by=comms)
    assert (uses_of(pier), uses_of(ward)) == ([("publication", second.pk)], [("publication", first.pk)])
    publications.change_publication(publication=first, pictures=[], by=comms)
    publications.cancel_publication(publication=second, by=comms)
    assert uses_of(pier) == uses_of(ward) == []


def test_what_is_being_composed(pier: Picture, ward: Picture, comms: User) -> None:
    entry, channel = factories.blog_entry(), factories.channel()

    def compose(version: int, *pictures: Picture) -> Composition:
        chosen = [ChannelText(channel, "Come and see.", pictures)]
        times = [factories.in_days(3)]
        return compositions.save_composition(content=entry, version=version, chosen=chosen, times=times, by=comms)

    kept = compose(0, pier, ward)
    assert uses_of(pier) == uses_of(ward) == [("composition", kept.pk)]
    kept = compose(kept.version, ward)
    assert (uses_of(pier), uses_of(ward)) == ([], [("composition", kept.pk)])
    [post] = compositions.schedule_composition(content=entry, version=kept.version, by=comms)
    assert uses_of(ward) == [("publication", post.pk)], "what is scheduled is not being composed any more"


def test_logo_of_the_organisation(pier: Picture) -> None:
    organisation_services.change_organisation(organisation=Organisation.current(), changes={"logo": pier})
    assert uses_of(pier) == [("organisation", 1)]
    organisation_services.change_organisation(organisation=Organisation.current(), changes={"name": "Riverside"})
    assert uses_of(pier) == [("organisation", 1)]
    organisation_services.change_organisation(organisation=Organisation.current(), changes={"logo": None})
    assert uses_of(pier) == []


def published(entry: Content, kind: str, settings: dict[str, Any]) -> Publication:
    channel = factories.channel(name=f"Our {kind}", category="blog")
    connections.connect_channel(channel=channel, kind=kind, settings=settings, secrets={})
    publication = factories.publication(of=entry, on=channel)
    assert send(make_due(publication)) == "sent"
    return publication


def test_item_on_our_own_pages(pier: Picture, ward: Picture, comms: User) -> None:
    entry = factories.approved_blog_entry(picture=pier, body=shown(ward))
    published(entry, "blog", {})
    item = Item.objects.get()
    assert ("item", item.pk) in uses_of(pier)
    assert ("item", item.pk) in uses_of(ward)

    items.withdraw_item(item=item, at=timezone.now())

    assert uses_of(pier) == [("content", entry.pk)]
    assert uses_of(ward) == [("text", entry.pk)]


def test_item_of_withdrawn_content(pier: Picture, comms: User) -> None:
    entry = factories.approved_blog_entry(picture=pier)
    published(entry, "blog", {})
    contents.withdraw_content(content=Content.objects.get(pk=entry.pk), by=comms)
    assert uses_of(pier) == [("content", entry.pk)]


def mailed(entry: Content, *addresses: str) -> str:
    readers = factories.mailing_list(*addresses)
    channel = factories.channel(name="Mail", category="email", audience="staff")
    about = {"host": "127.0.0.1", "port": 25, "security": "none", "from_address": "news@riverside.example.org"}
    connections.connect_channel(channel=channel, kind="email", settings={**about, "lists": [readers.pk]}, secrets={})
    return send(make_due(factories.publication(of=entry, on=channel)))


def test_mailing(pier: Picture) -> None:
    entry = factories.approved_blog_entry(picture=pier)
    assert mailed(entry, "amy@example.org") == "sent"
    assert uses_of(pier) == [("content", entry.pk), ("mailing", Mailing.objects.get().pk)]


def test_mailing_that_was_not_made(pier: Picture) -> None:
    entry = factories.approved_blog_entry(picture=pier)
    assert mailed(entry) == "failed", "nobody is subscribed"
    assert uses_of(pier) == [("content", entry.pk)]


@pytest.mark.parametrize(
    ("before", "after", "counts"),
    [
        ("![Seen](", ")", True),
        ("[1]: ", "", True),
        (f"![Seen]({settings.BASE_URL}", ")", True),
        ("![Seen](https://elsewhere.example", ")", False),
        ("![Seen](/more", ")", False),
        ("![Seen](", "x)", False),
    ],
)
def test_only_addresses_of_ours_count(pier: Picture, before: str, after: str, counts: bool) -> None:
    assert uses.picture_ids_in(f"{before}{pier.path}{after}") == ({pier.pk} if counts else set())


def test_address_of_a_picture_that_is_not_there_is_nobodys_use() -> None:
    entry = factories.blog_entry(body="![Gone](/pictures/999999.png)")
    uses.record_uses(kind="text", row_id=entry.pk, picture_ids=[999999])
    assert not Picture.objects.filter(uses__row_id=entry.pk).exists()


def everywhere(picture: Picture, by: User) -> Content:
    entry = factories.approved_blog_entry(title="By the sea", picture=picture, body=shown(picture))
    assert mailed(entry, "amy@example.org") == "sent"
    published(entry, "blog", {})
    compositions.save_composition(
        content=entry, version=0, chosen=[ChannelText(factories.channel(), "", (picture,))], by=by
    )
    organisation_services.change_organisation(
        organisation=Organisation.current(), changes={"logo": picture, "name": "Riverside"}
    )
    post = factories.publication(of=factories.blog_entry(title="Later"), on=factories.channel(name="Poster"))
    publications.change_publication(publication=post, pictures=[picture], by=by)
    return entry


def test_page_of_the_picture_says_where_it_is(pier: Picture, comms: User, admin: User) -> None:
    entry = everywhere(pier, comms)
    post, mail = Publication.objects.get(content__title="Later"), Publication.objects.get(channel__name="Mail")

    def links(who: User) -> Iterator[tuple[str, str]]:
        page = Console(who).see(f"/pictures/{pier.pk}")
        uses = page.partition('id="uses"')[2].partition("</section>")[0]
        return re.findall(r'<a class="title" href="([^"]+)">[^<]+</a><br><span class="quiet">([^<]+)<', uses)

    found = set(links(admin))
    assert found == {
        (f"/console/content/{entry.pk}", "Main picture"),
        (f"/console/content/{entry.pk}", "In the text"),
        (f"/console/compose/{entry.pk}", "In a draft post"),
        (f"/console/publications/{post.pk}", "In a post on Poster"),
        (f"/console/publications/{mail.pk}", "In an email from Mail"),
        (f"/blog/{entry.slug}", "Published: Public website"),
        ("/console/settings", "Logo"),
    }
    assert set(links(comms)) == found - {("/console/settings", "Logo")}, "who may not open settings gets no link"


def test_programs_read_where_it_is(api: Api, pier: Picture, comms: User) -> None:
    entry = everywhere(pier, comms)
    found = ok(api.as_("reader").get(f"/pictures/{pier.pk}/uses"))["items"]
    assert sorted(use["kind"] for use in found) == [
        *("composition", "content", "item", "mailing", "organisation", "publication", "text")
    ]
    by_kind = {use["kind"]: use for use in found}
    assert by_kind["content"] == {
        "kind": "content",
        "id": entry.pk,
        "title": "By the sea",
        "where": "",
        "content_id": entry.pk,
        "publication_id": None,
        "url": f"{settings.BASE_URL}/api/v1/content/{entry.pk}",
    }
    for kind, use in by_kind.items():
        if kind != "item":
            ok(api.as_("admin").get(use["url"].removeprefix(settings.BASE_URL)))
    assert by_kind["item"]["url"] == f"{settings.BASE_URL}/blog/{entry.slug}"
    first = ok(api.as_("reader").get(f"/pictures/{pier.pk}/uses", limit=4))
    rest = ok(api.as_("reader").get(f"/pictures/{pier.pk}/uses", limit=4, cursor=first["next"]))
    assert [*first["items"], *rest["items"]] == found


def test_uses_of_no_picture_and_outsiders(api: Api, outsider: Api, pier: Picture) -> None:
    refused(api.as_("reader").get("/pictures/999999/uses"), 404, "not_found")
    refused(outsider.get(f"/pictures/{pier.pk}/uses"), 401)


def test_logo_is_open_to_everyone_and_closed_when_it_is_none_any_more(client: Client, pier: Picture) -> None:
    def status() -> int:
        answer = client.get(pier.path)
        if answer.streaming:
            answer.getvalue()
        return answer.status_code

    assert status() == 404
    organisation_services.change_organisation(organisation=Organisation.current(), changes={"logo": pier})
    assert status() == 200
    organisation_services.change_organisation(organisation=Organisation.current(), changes={"logo": None})
    assert status() == 404
