"""What people do in the model of a publication's states. They look at the channel before they say anything about it."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from campaigns.planning.errors import PlanningError
from campaigns.planning.models import REASONS, Channel, ContentState, Pause, Publication, QuietPeriod, Remedy
from campaigns.planning.services import content, publications
from campaigns.planning.services.timing import pauses, quiet_periods
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.posts import manual_publishing
from tests import factories
from tests.scheduler.engine.model import FarSide
from tests.scheduler.engine.truths import must

Row = TypeVar("Row")
DECISIONS = {
    "scheduled": ["hold", "hold", "put_off", "put_off", "publish_by_hand", "cancel"],
    "sending": ["hold", "publish_by_hand", "put_off", "cancel", "retry", "release"],
    "held": ["release", "cancel", "release", "publish_by_hand", "release", "put_off", "release", "cancel"],
    "unknown": ["cancel", "retry", "say_published", "publish_by_hand", "retry"],
    "failed": ["cancel", "retry", "retry"],
    "sent": ["take_down"],
}


def pick(found: list[Row], number: int) -> Row:
    return found[number % len(found)]


def connect(channel: Channel, **limits: Any) -> None:
    connections.connect_channel(channel=channel, kind=channel.name, settings={}, secrets={}, **limits)


class People:
    """One method a decision, named in DECISIONS or chosen by `plans`."""

    far: FarSide
    links: dict[int, str]

    def live(self, pk: int) -> bool:
        return bool(self.far.posts[self.links[pk]])

    def hold(self, row: Publication) -> None:
        held = publications.hold_publication(publication=row, by=None, reason="Wait for the photograph.")
        must(held.fence > row.fence, "A claim of before is still good.")

    def release(self, row: Publication) -> None:
        publications.release_publication(publication=row, by=None)

    def cancel(self, row: Publication) -> None:
        publications.cancel_publication(publication=row, by=None)

    def retry(self, row: Publication) -> None:
        """A failed one is certainly not live; an unknown one is looked for first."""
        if row.state == "failed" or not self.live(row.pk):
            publications.retry_publication(publication=row, by=None)

    def say_published(self, row: Publication) -> None:
        if self.live(row.pk):
            manual_publishing.mark_published(publication=row, at=timezone.now(), by=None)

    def publish_by_hand(self, row: Publication) -> None:
        if row.content.state != ContentState.APPROVED:
            return
        manual_publishing.mark_published(publication=row, at=timezone.now(), by=None)
        if not self.live(row.pk):
            self.far.accept(self.links[row.pk])

    def put_off(self, row: Publication) -> None:
        at = timezone.now() + timedelta(minutes=1)
        publications.reschedule_publication(publication=row, publish_at=at, zone="Europe/London", by=None)

    def take_down(self, row: Publication) -> None:
        publications.mark_taken_down(publication=row, by=None)

    def plans(self, row: Publication) -> list[str]:
        """What would change something now, what mends before what breaks."""
        approved = row.content.state == ContentState.APPROVED
        healthy = Connection.objects.filter(channel=row.channel).exclude(status="needs_sign_in").exists()
        found = ["edit", "edit", "reword", "withdraw"] if approved else ["approve"] * 8
        found += ["end_pause"] * 8 if Pause.objects.active().exists() else ["pause", "pause_channel"]
        found += ["end_rest"] * 2 if QuietPeriod.objects.exists() else ["rest"]
        return found + (["connect", "disconnect"] if healthy else ["connect"] * 8)

    def mend(self, row: Publication) -> None:
        """Whatever holds it: no approval, a pause, no connection, or somebody."""
        with suppress(PlanningError), transaction.atomic():
            if row.content.state != ContentState.APPROVED:
                self.approve(row, 0)
        self.end_pause(row, 0)
        if row.reason_code and REASONS[row.reason_code].remedy in (Remedy.CONNECTION, Remedy.HIGHER_CAP):
            self.connect(row, 0)
        with suppress(PlanningError), transaction.atomic():
            self.release(row)

    def edit(self, row: Publication, _: int) -> None:
        entry = row.content.specific
        content.apply_changes(entry, {"title": f"{entry.title}!"}, by=factories.person("comms"))

    def reword(self, row: Publication, _: int) -> None:
        publications.change_publication(publication=row, wording=f"{row.wording}!", by=factories.person("comms"))

    def approve(self, row: Publication, _: int) -> None:
        if row.content.state != ContentState.IN_REVIEW:
            content.submit_content(content=row.content, by=factories.person("comms"))
        content.approve_content(content=row.content, by=factories.person("approver"))

    def withdraw(self, row: Publication, _: int) -> None:
        content.withdraw_content(content=row.content, by=factories.person("comms"))

    def pause(self, row: Publication, _: int) -> None:
        pauses.start_pause(reason="A colleague has died.", by=None)

    def pause_channel(self, row: Publication, _: int) -> None:
        pauses.start_pause(reason="The account was taken over.", channel=row.channel, by=None)

    def end_pause(self, row: Publication, choice: int) -> None:
        for pause in Pause.objects.active():
            pauses.end_pause(pause=pause, held=pick([pauses.PauseEnding.RELEASE, *pauses.PauseEnding], choice), by=None)

    def rest(self, row: Publication, _: int) -> None:
        now = timezone.now()
        quiet_periods.add_quiet_period(
            channel=row.channel,
            kind="blackout",
            starts_at=now,
            ends_at=now + timedelta(minutes=10),
            zone="UTC",
            reason="The minute of silence.",
            by=None,
        )

    def end_rest(self, row: Publication, _: int) -> None:
        for period in QuietPeriod.objects.all():
            quiet_periods.remove_quiet_period(period=period)

    def connect(self, row: Publication, choice: int) -> None:
        connect(row.channel, rate_per_minute=(None, 30)[choice % 2])

    def disconnect(self, row: Publication, _: int) -> None:
        connections.disconnect_channel(channel=row.channel)
