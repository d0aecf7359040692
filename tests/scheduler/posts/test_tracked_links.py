"""Each publication has its tracked link, and the link leads where the approved content says."""

from __future__ import annotations

from backend.accounts.models import User
from campaigns.planning.models import Channel, Publication
from campaigns.planning.services import blog_entries, content, vacancies
from tests import factories
from tests.scheduler.conftest import Remote, make_due, send


def test_a_publication_has_its_link_as_soon_as_it_is_scheduled(db: None) -> None:
    publication = factories.publication(of=factories.vacancy())

    assert publication.link.channel_id == publication.channel_id
    assert publication.link.target == publication.content.specific.apply_url


def test_the_link_stays_the_same_through_every_try(due: Publication, remote: Remote) -> None:
    before = due.link.code
    send(due)

    due.refresh_from_db()
    assert due.link.code == before


def test_a_link_that_is_out_there_follows_the_apply_address_once_it_is_approved(
    channel: Channel, comms: User, approver: User
) -> None:
    vacancy = factories.approved_vacancy()
    publication = make_due(factories.publication(of=vacancy, on=channel))
    send(publication)

    vacancies.change_vacancy(vacancy=vacancy, changes={"apply_url": "https://jobs.example.org/new"}, by=comms)
    publication.link.refresh_from_db()
    assert publication.link.target != "https://jobs.example.org/new"

    content.approve_content(content=vacancy, by=approver)
    publication.link.refresh_from_db()
    assert publication.link.target == "https://jobs.example.org/new"


def test_until_the_first_approval_a_link_leads_where_the_draft_says(db: None, comms: User, approver: User) -> None:
    vacancy, entry = factories.vacancy(), factories.blog_entry()
    links = [factories.publication(of=row).link for row in (vacancy, entry)]

    vacancies.change_vacancy(vacancy=vacancy, changes={"apply_url": "https://jobs.example.org/new"}, by=comms)
    blog_entries.change_blog_entry(entry=entry, changes={"slug": "nights"}, by=comms)
    for row in (vacancy, entry):
        factories.approved(row, by=approver)

    for link in links:
        link.refresh_from_db()
    assert links[0].target == "https://jobs.example.org/new"
    assert links[1].target.endswith("/blog/nights")
