"""What a walk of the plan costs the database, from the key that asks to the answer; with the two statements that begin
and end its transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import User
from tests import factories
from tests.conftest import Api

Walk = Callable[[], Any]


def schedule(comms: Api, approver: Api) -> Walk:
    entry, channel = factories.blog_entry(), factories.channel()
    body = {"content_id": entry.pk, "channel_id": channel.pk, "publish_at": "2030-09-03T08:30:00"}
    return lambda: comms.post("/publications", body)


def reword(comms: Api, approver: Api) -> Walk:
    row = factories.publication(of=factories.approved_blog_entry())
    return lambda: comms.patch(f"/publications/{row.pk}", {"wording": "Come and work with us."})


def edit(comms: Api, approver: Api) -> Walk:
    entry = factories.blog_entry()
    return lambda: comms.patch(f"/blog-entries/{entry.pk}", {"body": "It ends with *handover*."})


def rename(comms: Api, approver: Api) -> Walk:
    entry = factories.blog_entry()
    return lambda: comms.patch(f"/blog-entries/{entry.pk}", {"title": "A night on call", "body": "It ends."})


def edit_approved(comms: Api, approver: Api) -> Walk:
    entry = factories.approved_blog_entry()
    return lambda: comms.patch(f"/blog-entries/{entry.pk}", {"body": "It ends with *handover*."})


def approve(comms: Api, approver: Api) -> Walk:
    entry = factories.in_review(factories.blog_entry(campaign=factories.campaign()))
    factories.publication(of=entry, wording="Come and work with us.")
    return lambda: approver.post(f"/content/{entry.pk}/approve", {"comment": "Reads well."})


def approve_again(comms: Api, approver: Api) -> Walk:
    entry = factories.approved_blog_entry(campaign=factories.campaign())
    factories.publication(of=entry, wording="Come and work with us.")
    return lambda: approver.post(f"/content/{entry.pk}/approve", {"comment": "Reads well."})


AT_MOST = {schedule: 12, reword: 11, edit: 7, rename: 10, edit_approved: 10, approve: 11, approve_again: 13}


@pytest.mark.parametrize("walk", AT_MOST)
def test_a_walk_takes_few_statements(
    api: Api, comms: User, approver: User, walk: Callable[[Api, Api], Walk], clock: Any
) -> None:
    able = (api.as_(comms), api.as_(approver))
    walk(*able)()  # what is asked once and kept
    act = walk(*able)
    clock.shift(60.0)
    with CaptureQueriesContext(connection) as taken:
        answer = act()

    assert answer.status_code in (200, 201), answer.content
    assert len(taken) <= AT_MOST[walk], "\n".join(each["sql"] for each in taken)
