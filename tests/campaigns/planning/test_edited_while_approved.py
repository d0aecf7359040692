"""An edit and an approval meet, each on its own connection: nothing is approved that nobody has read."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from backend.accounts.models import User
from campaigns.planning.errors import MoveRefused
from campaigns.planning.models import BlogEntry, Content
from campaigns.planning.services import approved_versions, blog_entries, content, publications
from tests import factories
from tests.conftest import Api
from tests.meeting import TWO_CONNECTIONS, Act, meet

pytestmark = TWO_CONNECTIONS
NEW = "Nobody has read this."


@pytest.fixture
def entry(comms: User) -> BlogEntry:
    return factories.in_review(factories.blog_entry(by=comms), by=comms)


def edit(entry: BlogEntry) -> Act:
    return partial(blog_entries.change_blog_entry, entry=entry, changes={"body": NEW}, by=factories.person("comms"))


def reword(entry: BlogEntry) -> Act:
    row = factories.publication(of=entry)
    return partial(publications.change_publication, publication=row, wording=NEW, by=factories.person("comms"))


@pytest.mark.parametrize("change", [edit, reword])
def test_what_changes_while_an_approval_waits_is_not_approved(
    entry: BlogEntry, approver: User, change: Callable[[BlogEntry], Act]
) -> None:
    act = change(entry)
    row = Content.objects.get(pk=entry.pk)
    seen = approved_versions.digest_of(approved_versions.parts_of(row))

    with pytest.raises(MoveRefused) as refused:
        meet(act, lambda: content.approve_content(content=row, by=approver, seen=seen))

    assert refused.value.code == "changed_meanwhile"
    entry.refresh_from_db()
    assert entry.state == "in_review"


def test_what_an_approval_through_the_api_waits_for_is_part_of_what_it_keeps(
    entry: BlogEntry, approver: User, api: Api
) -> None:
    theirs = api.as_(approver)

    meet(edit(entry), lambda: theirs.post(f"/content/{entry.pk}/approve", {}))

    version = entry.approved_versions.get()
    assert [text for name, _, text in version.parts if name == "body"] == [NEW]
