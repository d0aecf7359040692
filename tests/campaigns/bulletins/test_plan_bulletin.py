"""A bulletin is planned with its sections, and changed as a whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from campaigns.bulletins import services
from campaigns.bulletins.errors import InvalidBulletin
from campaigns.bulletins.models import Bulletin
from campaigns.planning import live_posts
from campaigns.planning.errors import InvalidPlan, MoveRefused
from campaigns.planning.models import ContentState, Team
from campaigns.planning.services import content
from campaigns.website.page_document import build_page_document

MARCH = {"period_start": date(2026, 3, 1), "period_end": date(2026, 3, 31)}


@pytest.fixture
def plan(writer: Any) -> Callable[..., Bulletin]:
    def plan(**given: Any) -> Bulletin:
        return services.plan_bulletin(**{"by": writer, "title": "March bulletin", "summary": "", **MARCH} | given)

    return plan


Plan = Callable[..., Bulletin]


@pytest.fixture
def approved(plan: Plan, writer: Any, approver: Any) -> Bulletin:
    bulletin = plan(sections=[{"heading": "Hello", "body": "Words"}])
    content.submit_content(content=bulletin, by=writer)
    content.approve_content(content=bulletin, by=approver)
    bulletin.refresh_from_db()
    return bulletin


def test_plan_saves_sections_in_order(plan: Plan, writer: Any, team: Team) -> None:
    bulletin = plan(
        tags=["news"],
        sections=[
            {"heading": "Board news", "body": "All is well."},
            {"kind": "spotlight", "heading": "Meet the team", "body": "We care.", "team": team},
        ],
    )
    bulletin.refresh_from_db()
    assert (bulletin.kind, bulletin.state, bulletin.audience) == ("bulletin", "draft", "staff")
    assert bulletin.slug == "march-bulletin"
    assert bulletin.created_by == writer
    assert [(s.kind, s.heading, s.team) for s in bulletin.sections.all()] == [
        ("text", "Board news", None),
        ("spotlight", "Meet the team", team),
    ]


@pytest.mark.parametrize(
    ("sections", "field"),
    [
        ([{"kind": "spotlight", "heading": "Who?", "body": "x"}], "sections.0.team"),
        ([{"heading": "a", "body": "b"}, {"heading": "", "body": "b"}], "sections.1.heading"),
        ([{"heading": "a", "body": "b\x00"}], "sections.0.body"),
        ([{"heading": "a" * 201, "body": "b"}], "sections.0.heading"),
        ([{"kind": "song", "heading": "a", "body": "b"}], "sections.0.kind"),
        ([{"heading": "a", "body": "b", "colour": "red"}], "sections.0.colour"),
        ([{"heading": "a", "body": "b"}] * 51, "sections"),
    ],
)
def test_bad_sections_are_refused_by_name(plan: Plan, sections: list[dict[str, Any]], field: str) -> None:
    with pytest.raises(InvalidBulletin) as invalid:
        plan(sections=sections)
    assert invalid.value.field == field
    assert not Bulletin.objects.exists()


def test_text_section_with_a_team_is_refused(plan: Plan, team: Team) -> None:
    with pytest.raises(InvalidBulletin) as invalid:
        plan(sections=[{"heading": "a", "body": "b", "team": team}])
    assert invalid.value.field == "sections.0.team"


def test_fifty_sections_fit(plan: Plan) -> None:
    assert plan(sections=[{"heading": "a", "body": "b"}] * 50).sections.count() == 50


def test_period_that_ends_before_it_starts_is_refused(plan: Plan) -> None:
    with pytest.raises(InvalidBulletin) as invalid:
        plan(period_end=date(2026, 2, 28))
    assert invalid.value.field == "period_end"


def test_shared_fields_are_planning_s_to_refuse(plan: Plan) -> None:
    with pytest.raises(InvalidPlan) as invalid:
        plan(title="")
    assert invalid.value.field == "title"


def test_change_replaces_sections_as_a_whole(plan: Plan, writer: Any) -> None:
    bulletin = plan(sections=[{"heading": "One", "body": "1"}, {"heading": "Two", "body": "2"}])
    changed = services.change_bulletin(
        bulletin=bulletin, changes={"title": "Spring", "sections": [{"heading": "Three", "body": "3"}]}, by=writer
    )
    assert changed.title == "Spring"
    assert [section.heading for section in changed.sections.all()] == ["Three"]


def test_change_without_sections_keeps_them(plan: Plan, writer: Any) -> None:
    bulletin = plan(sections=[{"heading": "One", "body": "1"}])
    services.change_bulletin(bulletin=bulletin, changes={"title": "Spring"}, by=writer)
    assert bulletin.sections.count() == 1


def test_new_sections_alone_send_an_approved_bulletin_back(approved: Bulletin, writer: Any) -> None:
    changed = services.change_bulletin(
        bulletin=approved, changes={"sections": [{"heading": "Hello", "body": "Other words"}]}, by=writer
    )
    assert changed.state == ContentState.IN_REVIEW
    assert changed.edited_by == writer


def test_same_sections_keep_the_approval(approved: Bulletin, writer: Any) -> None:
    changes = {"title": approved.title, "sections": [{"heading": "Hello", "body": "Words"}]}
    assert services.change_bulletin(bulletin=approved, changes=changes, by=writer).state == ContentState.APPROVED


def test_what_is_live_follows_a_correction_with_its_new_sections(
    approved: Bulletin, approver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(
        live_posts.registered(), "refresh", lambda content: heard.append(build_page_document(content).html)
    )

    services.change_bulletin(
        bulletin=approved,
        changes={"sections": [{"heading": "Hello", "body": "Right words"}]},
        by=approver,
        keep_approval=True,
    )

    assert heard == ['<h2 id="heading-hello">Hello</h2>\n<p>Right words</p>']


def test_changed_period_is_checked_against_the_kept_date(plan: Plan, writer: Any) -> None:
    with pytest.raises(InvalidBulletin):
        services.change_bulletin(bulletin=plan(), changes={"period_end": date(2026, 2, 1)}, by=writer)


def test_state_cannot_be_changed_by_name(plan: Plan, writer: Any) -> None:
    with pytest.raises(InvalidBulletin) as invalid:
        services.change_bulletin(bulletin=plan(), changes={"state": "approved"}, by=writer)
    assert invalid.value.field == "state"


def test_archived_bulletin_keeps_its_sections(approved: Bulletin, writer: Any) -> None:
    content.archive_content(content=approved, by=writer)
    with pytest.raises(MoveRefused):
        services.change_bulletin(bulletin=approved, changes={"sections": []}, by=writer)
    assert approved.sections.count() == 1
