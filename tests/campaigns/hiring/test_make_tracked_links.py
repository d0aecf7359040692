from __future__ import annotations

import re
import threading

import pytest
from django.db import connection

from campaigns.hiring import links
from campaigns.hiring.errors import HiringRefused, InvalidHiring
from campaigns.hiring.models import TrackedLink
from campaigns.planning.models import Publication
from tests.campaigns.hiring import factories as make

pytestmark = pytest.mark.django_db
PAGE = "https://promenade.example/blog/a-day"


def test_a_vacancys_link_leads_to_where_people_apply():
    vacancy = make.vacancy(apply_url="https://jobs.example/apply?ref=1")
    link = links.link_for_publication(
        publication=make.publication(vacancy, make.channel("x")), page_url="https://promenade.example/vacancies/1"
    )
    assert link.target == "https://jobs.example/apply?ref=1"


def test_other_kinds_lead_to_the_houses_own_page_and_know_their_channel():
    publication = make.publication(make.blog_entry(), make.channel("x"))
    link = links.link_for_publication(publication=publication, page_url=PAGE)
    assert (link.target, link.channel, link.content, link.publication) == (
        PAGE,
        publication.channel,
        publication.content,
        publication,
    )


def test_a_publication_has_one_link_however_often_it_is_composed():
    publication = make.publication(make.blog_entry(), make.channel("x"))
    first = links.link_for_publication(publication=publication, page_url=PAGE)
    second = links.link_for_publication(publication=publication, page_url=PAGE)
    assert (first.pk, first.code) == (second.pk, second.code)
    assert TrackedLink.objects.count() == 1


def test_composing_again_brings_a_changed_target_up_to_date_under_the_same_code():
    vacancy = make.vacancy()
    publication = make.publication(vacancy, make.channel("x"))
    code = links.link_for_publication(publication=publication, page_url=PAGE).code
    vacancy.apply_url = "https://jobs.example/new"
    vacancy.save()
    publication.refresh_from_db()
    links.link_for_publication(publication=publication, page_url=PAGE)
    assert TrackedLink.objects.get(code=code).target == "https://jobs.example/new"


def without_link():
    publication = make.publication(make.blog_entry(), make.channel("x"))
    publication.link.delete()
    return Publication.objects.get(pk=publication.pk)


def test_the_slower_of_two_workers_gets_the_faster_ones_link(monkeypatch):
    publication = without_link()

    def faster_worker_was_here():
        TrackedLink.objects.create(
            code="faster22", target=PAGE, channel=publication.channel, content=publication.content,
            publication=publication,
        )  # fmt: skip
        return "slower22"

    monkeypatch.setattr(links, "_new_code", faster_worker_was_here)
    assert links.link_for_publication(publication=publication, page_url=PAGE).code == "faster22"


@pytest.mark.django_db(transaction=True)
def test_eight_workers_at_one_moment_make_one_link():
    publication = without_link()
    start, codes = threading.Barrier(8), []

    def compose():
        try:
            start.wait(5)
            codes.append(links.link_for_publication(publication=publication, page_url=PAGE).code)
        finally:
            connection.close()

    threads = [threading.Thread(target=compose) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(codes) == 8
    assert len(set(codes)) == TrackedLink.objects.count() == 1


def test_a_taken_code_is_passed_over(monkeypatch):
    poster, entry = make.channel("poster"), make.blog_entry()
    codes = iter(["same2222", "same2222", "other222"])
    monkeypatch.setattr(links, "_new_code", lambda: next(codes))
    assert links.make_link(channel=poster, content=entry, page_url=PAGE).code == "same2222"
    assert links.make_link(channel=poster, content=entry, page_url=PAGE).code == "other222"


def test_where_no_code_is_free_the_link_is_refused(monkeypatch):
    poster, entry = make.channel("poster"), make.blog_entry()
    monkeypatch.setattr(links, "_new_code", lambda: "same2222")
    links.make_link(channel=poster, content=entry, page_url=PAGE)
    with pytest.raises(HiringRefused) as refused:
        links.make_link(channel=poster, content=entry, page_url=PAGE)
    assert refused.value.code == "no_free_code"


def test_codes_can_be_read_from_a_poster_and_do_not_repeat():
    codes = {links._new_code() for _ in range(2000)}
    assert len(codes) == 2000
    assert all(re.fullmatch("[2-9bcdfghjkmnpqrstvwxyz]{8}", code) for code in codes)


def test_two_posters_for_one_vacancy_can_be_told_apart():
    poster, vacancy = make.channel("poster"), make.vacancy()
    first = links.make_link(channel=poster, content=vacancy, page_url=PAGE)
    second = links.make_link(channel=poster, content=vacancy, page_url=PAGE)
    assert first.code != second.code
    assert first.target == second.target == vacancy.apply_url
    assert first.publication is None


def test_a_poster_may_lead_elsewhere():
    link = links.make_link(
        channel=make.channel("poster"), content=make.vacancy(), target="http://promenade:8000/events/1", page_url=PAGE
    )
    assert link.target == "http://promenade:8000/events/1"


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "ftp://jobs.example/x",
        "//jobs.example/x",
        "jobs.example",
        "",
        "https://",
        "https://[::1",
        "https://bank.example@evil.example/",
        "https://jobs.example/a b",
        "https://jobs.example/\r\nSet-Cookie:x",
        "https://jobs.example/\x00",
        "https://jobs.example/" + "a" * 1000,
    ],
)
def test_only_web_addresses_become_targets(target):
    with pytest.raises(InvalidHiring) as refused:
        links.make_link(channel=make.channel("poster"), content=make.blog_entry(), target=target, page_url=PAGE)
    assert (refused.value.code, refused.value.field) == ("bad_target", "target")
    with pytest.raises(InvalidHiring) as refused:
        links.make_link(channel=make.channel("poster"), content=make.blog_entry(), page_url=target)
    assert refused.value.field == "page_url"
    assert not TrackedLink.objects.exists()


def test_a_code_is_found_however_it_was_typed():
    link = links.make_link(channel=make.channel("poster"), content=make.blog_entry(), page_url=PAGE)
    assert links.find_link(f" {link.code.upper()} ") == link


@pytest.mark.parametrize("code", ["", "nothere2", "zzzz\x00zzz", "b" * 4000, "ÿ"])
def test_an_unknown_code_finds_nothing(code):
    assert links.find_link(code) is None
