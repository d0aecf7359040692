"""One content, its forms and its lists in a browser: sound for axe on a desk and a phone, in light and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from campaigns.hiring import links
from campaigns.hiring.models import Visit
from campaigns.planning.services import content
from tests import factories
from tests.factories import publishing


@pytest.fixture
def house(transactional_db: None, remote, admin) -> dict[str, str]:
    """A vacancy that is out in the world, a returned event, and pages that change and end them."""
    campaign, team = factories.campaign(name="Nurses for Langley Green"), factories.team(name="Coral ward")
    vacancy = factories.approved_vacancy(
        title="Staff nurse, acute inpatient ward",
        campaign_id=campaign.pk,
        team_id=team.pk,
        picture_id=factories.picture(credit="A. Example").pk,
        summary="Nurse with us in Crawley, by the woods and an hour from the sea.",
        body="You will:\n\n- lead a shift\n- mentor students\n\n## What we give\n\nA *buddy*, and time to learn.\n\n"
        "| Day | Shift |\n|---|---|\n| Mon | Early |\n",
        salary_min_pence=2996900,
        salary_max_pence=3648300,
        pay_band="Band 5",
        values_statement="We look for kindness and curiosity as much as for experience.",
        tags=["nursing", "Crawley"],
    )
    for name, category, state in (
        ("X", "social", "sent"),
        ("Hospital blog", "blog", "sent"),
        ("Noticeboard of ward 4", "staff_tool", "held"),
        ("Careers fair", "event", "scheduled"),
    ):
        channel = publishing.connected(name=name, category=category)
        post = publishing.IN_STATE[state](factories.publication(of=vacancy, on=channel))
        for _ in range(3 if state == "sent" else 0):
            Visit.objects.create(link=links.link_for_publication(publication=post, page_url="https://example.org/"))
    event = factories.in_review(factories.event(title="Fish and chips by the sea", host_team_id=team.pk))
    content.return_content(content=event, by=admin, comment="Please name the ward in the first sentence.")
    for number in range(4):
        factories.vacancy(title=f"Occupational therapist {number}", campaign_id=campaign.pk)
    return {
        "vacancies": "/console/vacancies",
        "vacancies-sorted": "/console/vacancies?sort=-pk&which=all",
        "change-vacancy": f"/console/vacancies/{vacancy.pk}/change",
        "vacancy": f"/console/content/{vacancy.pk}",
        "event": f"/console/content/{event.pk}",
        "posts": f"/console/content/{vacancy.pk}?tab=posts",
        "history": f"/console/content/{vacancy.pk}?tab=history",
    }


def test_pages_with_something_in_them_are_sound(visit, sound, admin, house: dict[str, str]) -> None:
    page = visit(admin, "/console/vacancies")
    for address in house.values():
        sound(page, address)


def test_what_is_wrong_is_in_focus_and_leads_to_its_field(visit, axe, comms) -> None:
    page = visit(comms, "/console/vacancies/new")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(":focus")).to_contain_text("There is a problem")
    axe(page)
    page.get_by_role("link", name="Reference: This field is required.").click()
    expect(page.locator("#id_reference")).to_be_focused()


def test_event_is_planned_by_keyboard_and_composed_next(visit, comms) -> None:
    page = visit(comms, "/console/events")
    page.get_by_role("link", name="New event").first.click()
    page.get_by_label("Title").fill("Open day")
    page.get_by_label("Kind of event").select_option("open_day")
    page.get_by_label("Starts").fill("2030-09-14T12:00")
    page.get_by_label("Ends").fill("2030-09-14T15:00")
    page.get_by_label("Place (optional)", exact=True).fill("The seafront")
    page.keyboard.press("Enter")
    page.get_by_role("status").get_by_text("Saved as a draft.").wait_for()
    page.get_by_role("button", name="Save and choose channels").click()
    assert "/console/compose/" in page.url
