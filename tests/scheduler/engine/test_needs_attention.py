"""How many posts need somebody is one number, wherever it is asked, over posts in every state and for every reason."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.console.publishing import explanations
from campaigns.planning import states
from campaigns.planning.models import (
    REASONS,
    Channel,
    Content,
    Publication,
    PublicationState,
    Reason,
    Remedy,
)
from campaigns.planning.models.reason import SPEAKS_FOR_ITSELF
from campaigns.planning.services import channels as channels_services
from campaigns.planning.services import content, publications, vacancies
from campaigns.planning.services.timing import pauses, quiet_periods, recurrences
from scheduler.channels.contract import CannotRead, DoesNotFit, Draft, NotSent, OutcomeUnknown, Payload
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.engine import publication_claims, reconcile, sending
from scheduler.installation import restore_detection
from scheduler.installation.models import Installation
from scheduler.posts import takedown
from tests import factories
from tests.api.asserting import ids
from tests.conftest import Api
from tests.console.speaking import Console
from tests.scheduler.conftest import Remote, Told, begin, make_due

pytestmark = pytest.mark.django_db
P = PublicationState
SIGNED_OUT = NotSent("Connect it again.", code="needs_sign_in", permanent=True)


@pytest.fixture(autouse=True)
def outside(tmp_path: Path, settings: Any) -> None:
    """Where the count is kept that a backup does not hold."""
    settings.DATA_DIR, settings.REDIS_URL = tmp_path, ""


@dataclass
class House:
    """Makes posts of one campaign, each on a channel of its own, and moves them as the engine and people do."""

    remote: Remote
    monkeypatch: pytest.MonkeyPatch

    def __post_init__(self) -> None:
        self.campaign = factories.campaign()
        self.comms, self.approver = factories.person("comms"), factories.person("approver")
        compose = Told.compose

        def composed(adapter: Told, draft: Draft) -> Payload:
            """What the text of the draft asks for."""
            if "too long" in draft.text:
                raise DoesNotFit("It is too long.")
            if "broken" in draft.text:
                raise ZeroDivisionError
            return replace(compose(adapter, draft), price=200 if "dear" in draft.text else 0)

        self.monkeypatch.setattr(Told, "compose", composed)

    def channel(self, **connection: Any) -> Channel:
        row = factories.channel(category="social")
        connections.connect_channel(channel=row, kind="told", settings={}, secrets={}, **connection)
        return row

    def entry(self, **fields: Any) -> Content:
        return factories.approved_blog_entry(campaign=self.campaign, **fields)

    def due(self, *, on: Channel | None = None, of: Content | None = None, **fields: Any) -> Publication:
        return make_due(factories.publication(of=of or self.entry(), on=on or self.channel(), **fields))

    def send(self, row: Publication, *answers: Exception) -> Publication:
        self.remote.answers = list(answers)
        claim = next(claim for claim in publication_claims.claim_due(limit=500) if claim.publication_id == row.pk)
        sending.send_publication(publication_id=row.pk, fence=claim.fence, worker="test")
        row.refresh_from_db()
        return row

    def unknown(self, row: Publication | None = None) -> Publication:
        return self.send(row or self.due(), OutcomeUnknown("No answer."))

    def look(self, row: Publication) -> Publication:
        reconcile.read_back(publication_id=row.pk)
        row.refresh_from_db()
        return row

    def withdraw(self, row: Publication) -> Publication:
        content.withdraw_content(content=Content.objects.get(pk=row.content_id), by=self.comms)
        row.refresh_from_db()
        return row

    def take_down(self, row: Publication, *answers: Exception) -> Publication:
        self.remote.deletions = list(answers)
        self.withdraw(row)
        takedown.take_down(publication_id=row.pk)
        row.refresh_from_db()
        return row

    def able(self, **abilities: Any) -> None:
        self.monkeypatch.setattr(Told, "abilities", replace(Told.abilities, **abilities))


@pytest.fixture
def house(remote: Remote, monkeypatch: pytest.MonkeyPatch) -> House:
    return House(remote, monkeypatch)


def restored(house: House) -> Iterator[Publication]:
    """While nothing else is due: a restore looks for all that is."""
    row = house.due()
    for _ in range(2):
        restore_detection.increment()
    Installation.objects.update(number=1)
    pause = restore_detection.freeze_if_restored()
    assert pause is not None
    pauses.end_pause(pause=pause, held=pauses.PauseEnding.KEEP, by=house.comms)
    yield row


def held(house: House) -> Iterator[Publication]:
    draft = factories.blog_entry(campaign=house.campaign)
    yield house.send(house.due(of=draft))
    for end in (pauses.PauseEnding.CANCEL, pauses.PauseEnding.KEEP, None):
        row = house.due()
        pause = pauses.start_pause(reason="Election.", channel=row.channel, by=house.comms)
        house.send(row)
        if end is not None:
            pauses.end_pause(pause=pause, held=end, by=house.comms)
        yield row
    for rule in ("hold", "cancel"):
        yield house.send(make_due(house.due(late_rule=rule), minutes_ago=90))
    for_staff = house.due()
    Content.objects.filter(pk=for_staff.content_id).update(audience="staff")
    yield house.send(for_staff)
    unused = house.due()
    channels_services.change_channel(channel=unused.channel, changes={"active": False})
    yield house.send(unused)
    yield house.send(house.due(on=factories.channel()))
    yield house.send(house.due(), SIGNED_OUT)
    unreadable = house.due()
    Connection.objects.filter(channel=unreadable.channel).update(secrets="not JSON")
    yield house.send(unreadable)
    by_hand = factories.channel(category="staff_tool")
    connections.connect_channel(channel=by_hand, kind="share-kit", settings={"place": "the board"}, secrets={})
    yield house.send(house.due(on=by_hand))
    yield house.send(house.due(of=house.entry(title="Too dear"), on=house.channel(monthly_cap=100)))
    yield house.send(house.due(of=house.entry(title="It is too long")))
    yield house.send(house.due(of=house.entry(title="It is broken")))
    yield publications.hold_publication(publication=house.due(), by=house.comms, reason="Wait for the ward.")


def scheduled(house: House) -> Iterator[Publication]:
    yield factories.publication(of=house.entry())
    quiet = house.due()
    hour = {"starts_at": timezone.now() - timedelta(hours=1), "ends_at": timezone.now() + timedelta(hours=1)}
    quiet_periods.add_quiet_period(
        channel=quiet.channel, kind="blackout", zone="UTC", reason="Election.", by=None, **hour
    )
    yield house.send(quiet)
    yield house.send(house.due(), NotSent("Busy.", retry_after=600))
    missing = house.unknown()
    house.remote.posts.clear()
    house.look(missing)
    yield house.look(missing)
    late_answer = house.due()
    publication_claims.claim_due(limit=500)
    late_answer.refresh_from_db()
    attempt = begin(late_answer, fence=late_answer.fence)
    assert attempt is not None
    Publication.objects.filter(pk=late_answer.pk).update(lease_until=timezone.now() - timedelta(minutes=1))
    reconcile.give_up_lost_workers()
    sending.record(attempt, SIGNED_OUT)
    yield late_answer
    under_way = house.due()
    publication_claims.claim_due(limit=500)
    under_way.refresh_from_db()
    begin(under_way, fence=under_way.fence)
    yield under_way


def unknown(house: House) -> Iterator[Publication]:
    yield house.unknown()
    silent = house.unknown()
    house.remote.cannot_read = CannotRead("The channel does not answer.")
    yield house.look(silent)
    house.remote.cannot_read = None
    house.able(reads_back=False)
    yield house.unknown()
    house.able(idempotent=True)
    yield house.look(house.unknown())
    house.able(reads_back=True, idempotent=False)


def failed(house: House) -> Iterator[Publication]:
    yield house.send(house.due(), NotSent("The channel refused the text.", permanent=True))
    often = house.due()
    for _ in range(sending.TRIES):
        Publication.objects.filter(pk=often.pk).update(due_at=timezone.now())
        Connection.objects.filter(channel=often.channel).update(paused_until=None, failures=0)
        house.send(often, NotSent("Busy."))
    yield often


def sent(house: House) -> Iterator[Publication]:
    yield house.send(house.due())
    found = house.unknown()
    house.remote.posts[str(found.key)] = "As it went."
    yield house.look(found)
    now = timezone.now()
    yield publications.mark_published(publication=house.due(), at=now, by=house.comms)
    yield house.withdraw(house.send(house.due()))
    yield house.take_down(house.send(house.due()), SIGNED_OUT)
    yield house.take_down(house.send(house.due()), NotSent("It is locked.", permanent=True))


def over(house: House) -> Iterator[Publication]:
    yield publications.cancel_publication(publication=house.due(), by=house.comms, reason="No longer.")
    yield house.withdraw(house.due())
    archived = house.due()
    content.archive_content(content=archived.content, by=house.comms)
    yield archived
    vacancy = factories.approved_vacancy(campaign=house.campaign)
    filled = factories.publication(of=vacancy, on=house.channel())
    vacancies.end_vacancy(vacancy=vacancy, status="filled", by=house.comms)
    yield filled
    recurrence = factories.recurrence(of=house.entry(), on=house.channel())
    recurrences.end_recurrence(recurrence=recurrence, by=house.comms, reason="The ward has closed.")
    yield from recurrence.publications.all()
    yield house.take_down(house.send(house.due()))
    yield publications.mark_taken_down(publication=house.send(house.due()), by=house.comms)


MAKERS: list[Callable[[House], Iterator[Publication]]] = [restored, unknown, failed, sent, held, over, scheduled]


def stands(row: Publication) -> tuple[str, str]:
    return row.state, row.reason_code


def test_every_page_and_the_api_give_the_same_number(house: House, api: Api) -> None:
    """The rows stand in every state and for every reason of the table, and nowhere else."""
    made = [row.pk for maker in MAKERS for row in maker(house)]
    rows = list(Publication.objects.filter(pk__in=made).select_related("channel__connection", "content", "takedown"))
    needing = {(state, reason) for reason, facts in REASONS.items() for state in facts.needs_person_in}
    calm = {(state, reason) for reason, facts in REASONS.items() for state in facts.settled_in}
    wanted_stands = needing | calm | {(state, "") for state in SPEAKS_FOR_ITSELF}
    assert {stands(row) for row in rows} == wanted_stands, "what the left lacks is made by none of MAKERS"
    wanted = {row.pk for row in rows if stands(row) in needing}
    number, speaks = len(wanted), Console(house.comms)

    assert {row.pk for row in Publication.objects.needs_attention()} == wanted
    assert set(ids(api.as_("comms").get("/publications", needs_person="true", limit="100"))) == wanted
    assert not wanted & set(ids(api.as_("comms").get("/publications", needs_person="false", limit="100")))
    assert re.findall(r"(\d+) posts (?:and \d+ other items? )?need your attention", speaks.see("/")) == [str(number)]
    for query in ("", f"?campaign={house.campaign.pk}"):
        page = speaks.see(f"/publishing{query}")
        assert f"{number} posts need your attention." in page
        assert f"Needs attention ({number})" in page
    assert f">{number} need attention</a>" in speaks.see(f"/campaigns/{house.campaign.pk}")
    quiet = [row for row in rows if row.state in (P.SCHEDULED, P.UNKNOWN) and row.pk not in wanted]
    for row in [*(row for row in rows if row.pk in wanted), *quiet]:
        own = "Needs your attention (1)" if row.pk in wanted else "Nothing needs your attention."
        assert own in speaks.see(f"/channels/{row.channel_id}"), stands(row)
    says_what_happens_and_what_to_do(rows, house.comms)


def says_what_happens_and_what_to_do(rows: list[Publication], comms: User) -> None:
    for row in rows:
        story = explanations.explain_status_to(comms, row, timezone.now())
        assert story.happened, stands(row)
        if row.needs_person:
            assert story.you, stands(row)
            assert story.actions, stands(row)
        elif row.state in (P.HELD, P.UNKNOWN, P.SENDING):
            assert story.machine, stands(row)
        if row.state == P.HELD:
            releases = explanations.RELEASE in story.actions
            assert releases is REASONS[Reason(row.reason_code)].releasable, stands(row)


def test_a_reason_that_does_not_belong_to_a_state_moves_nothing(house: House) -> None:
    row = house.due()
    for reason in (None, Reason.STILL_LIVE):
        with pytest.raises(ValueError, match="does not say why a publication is held"):
            states.move_publication(row, to=P.HELD, reason_code=reason)
    row.refresh_from_db()
    assert row.state == P.SCHEDULED


def test_every_reason_is_used_and_documented() -> None:
    root = Path(__file__).parents[3]
    own = {"reason.py"}
    files = [path for room in ("campaigns", "scheduler") for path in (root / room).rglob("*.py")]
    source = "\n".join(path.read_text() for path in files if path.name not in own)
    documented = (root / "docs" / "publishing.md").read_text()
    for reason in Reason:
        assert reason in REASONS
        assert f"Reason.{reason.name}" in source, f"no code in campaigns/ or scheduler/ moves a post with {reason!r}"
        assert f"| `{reason}` |" in documented, f"the table of docs/publishing.md has no row for {reason!r}"
        held = P.HELD in (*REASONS[reason].needs_person_in, *REASONS[reason].settled_in)
        assert not held or reason in explanations.HELD, f"HELD in console/publishing/explanations.py lacks {reason!r}"
    assert set(REASONS) == set(Reason)
    assert {facts.remedy for facts in REASONS.values()} == set(Remedy)


def test_an_unapproved_post_that_fell_due_counts_as_one_held_by_hand_does(house: House, api: Api) -> None:
    entry = factories.in_review(factories.blog_entry(campaign=house.campaign))
    waiting = house.send(house.due(of=entry))
    speaks = Console(house.comms)
    for row in (waiting, publications.hold_publication(publication=house.due(), by=house.comms, reason="")):
        number = Publication.objects.needs_attention().count()
        said = f"{number} post{'s' if number > 1 else ''} need{'' if number > 1 else 's'} your attention"
        assert row.needs_person
        assert said in speaks.see("/")
        assert said in speaks.see("/publishing")
        assert len(ids(api.as_("comms").get("/publications", needs_person="true"))) == number
    assert number == 2


def test_an_approval_that_a_held_post_waits_for_is_told_once(house: House) -> None:
    entry = factories.in_review(factories.blog_entry(title="Read me", campaign=house.campaign))
    house.send(house.due(of=entry))

    page = Console(house.approver).see("/")

    assert "1 post needs your attention" in page
    assert page.count(f'<a class="title" href="/console/reviews/{entry.pk}">Read me</a>') == 1
