"""Nothing unpublished, future, withdrawn or meant for others is ever on a page or in a feed."""

from __future__ import annotations

import pytest
from django.test import Client

from backend.accounts.models import User
from campaigns.planning.models import Content
from campaigns.planning.services import content, vacancies
from campaigns.website.models import Item, Surface
from tests import factories
from tests.site.conftest import Publish, house_channel

PUBLIC = ["/", "/blog", "/vacancies", "/events", "/feeds/blog.rss", "/feeds/vacancies.rss"]
SECRET = "Moonlight"


def everything(client: Client, *more: str) -> str:
    return "".join(client.get(path).content.decode() for path in [*PUBLIC, *more])


@pytest.mark.django_db
def test_content_that_was_never_published_is_nowhere(client: Client, private_feed: str) -> None:
    factories.blog_entry(title=SECRET)
    factories.approved_vacancy(title=SECRET)
    factories.in_review(factories.event(title=SECRET))

    assert SECRET not in everything(client, private_feed)


def test_publication_of_tomorrow_is_nowhere_today(client: Client, publish: Publish, private_feed: str) -> None:
    entry = factories.approved_blog_entry(title=SECRET)
    factories.publication(of=entry, on=house_channel(Surface.BLOG))
    publish(factories.approved_blog_entry())

    assert SECRET not in everything(client, private_feed)
    assert client.get(f"/blog/{entry.slug}").status_code == 404


def test_later_draft_does_not_show_through(client: Client, publish: Publish) -> None:
    from campaigns.planning.services import blog_entries

    entry = factories.approved_blog_entry(title="As approved")
    publish(entry)

    blog_entries.change_blog_entry(entry=entry, changes={"title": SECRET}, by=factories.person("comms"))

    assert SECRET not in everything(client, f"/blog/{entry.slug}")
    assert "As approved" in client.get(f"/blog/{entry.slug}").content.decode()


def test_withdrawn_item_leaves_lists_and_feeds_and_its_page_is_gone(
    client: Client, publish: Publish, private_feed: str
) -> None:
    entry = factories.approved_blog_entry(title=SECRET)
    publish(entry)
    publish(entry, Surface.BULLETIN)
    before = client.get("/feeds/blog.rss").headers["ETag"]

    content.withdraw_content(content=Content.objects.get(pk=entry.pk), by=factories.person("comms"))

    assert SECRET not in everything(client, private_feed)
    assert client.get(f"/blog/{entry.slug}").status_code == 410
    assert client.get("/feeds/blog.rss").headers["ETag"] != before


def test_what_is_for_staff_is_on_no_public_page(
    client: Client, publish: Publish, private_feed: str, comms: User
) -> None:
    item = publish(factories.approved_blog_entry(title=SECRET, audience="staff"), Surface.BULLETIN)

    assert SECRET not in everything(client)
    assert client.get(f"/blog/{item.slug}").status_code == 404
    assert SECRET in client.get(private_feed).content.decode()
    client.force_login(comms)
    assert SECRET in client.get(f"/staff/blog/{item.slug}").content.decode()


def test_item_that_became_one_for_staff_is_gone_from_the_public_pages(client: Client, publish: Publish) -> None:
    item = publish(factories.approved_blog_entry(title=SECRET))

    Item.objects.filter(pk=item.pk).update(audience="staff")

    assert client.get(f"/blog/{item.slug}").status_code == 410
    assert SECRET not in everything(client)


def test_staff_pages_send_strangers_to_sign_in(client: Client, publish: Publish) -> None:
    item = publish(factories.approved_bulletin(title=SECRET), Surface.BULLETIN)

    for path in ("/staff", f"/staff/bulletins/{item.slug}", "/staff/bulletins/nothing"):
        answer = client.get(path)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith(f"/console/sign-in?next={path}")


def test_signed_in_person_reads_the_staff_bulletin_uncached(client: Client, publish: Publish, manager: User) -> None:
    item = publish(factories.approved_bulletin(title="News in brief"), Surface.BULLETIN)
    client.force_login(manager)

    page = client.get(f"/staff/bulletins/{item.slug}")

    assert "News in brief" in page.content.decode()
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "News in brief" in client.get("/staff").content.decode()


def test_filled_vacancy_leaves_list_and_feed_but_its_page_says_so(client: Client, publish: Publish) -> None:
    vacancy = factories.approved_vacancy(title=SECRET)
    item = publish(vacancy)
    assert SECRET in everything(client)

    vacancies.end_vacancy(vacancy=vacancy, status="filled", by=factories.person("hr"))

    assert SECRET not in everything(client)
    page = client.get(f"/vacancies/{item.slug}").content.decode()
    assert "This job has been filled." in page
    assert "/r/" not in page
    assert "JobPosting" not in page
