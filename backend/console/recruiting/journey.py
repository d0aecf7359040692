"""The way of a candidate, row by row: where they met us, through which link of which post, when they applied, each
stage, the hire. Every row that a step stands on is a link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from django.urls import reverse

from backend.console.templatetags.console import CATEGORIES
from backend.console.templatetags.recruiting import STAGES
from campaigns.hiring import touch_credit
from campaigns.hiring.models import AttributionModel, Candidate, Hire, HireState, Stage, StageMove, Touch, TouchKind
from campaigns.hiring.states import HIRED
from campaigns.planning import organisation_clock
from campaigns.planning.models import Content


@dataclass(frozen=True)
class JourneyText:
    """Some words, and where they lead; `at` stands after them."""

    text: str
    address: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class JourneyStep:
    at: datetime
    icon: str
    words: list[JourneyText]
    behind: list[JourneyText] = field(default_factory=list)
    """The rows that it stands on, the nearest first."""
    day: date | None = None
    """Of a step of which only the day is known."""
    by: str = ""
    note: str = ""
    credit: list[str] = field(default_factory=list)
    """Models under which this step gets the credit."""
    touch: Touch | None = None


@dataclass(frozen=True)
class CandidateJourney:
    """Touches in the order of time, which of them get the credit, and until which day they count."""

    touches: list[Touch]
    credited: touch_credit.TouchCredit
    until: date

    def touch(self, model: AttributionModel) -> Touch | None:
        return next((touch for touch in self.touches if touch.pk in self.credited[model]), None)

    def is_late(self, touch: Touch) -> bool:
        return organisation_clock.day_of(touch.at) > self.until

    @property
    def credits(self) -> list[tuple[str, Touch | None]]:
        return [(str(model.label), self.touch(model)) for model in (AttributionModel.FIRST, AttributionModel.LAST)]

    @property
    def steps(self) -> list[JourneyStep]:
        return [_met(touch, self) for touch in self.touches]


def journey_of(candidate: Candidate, hire: Hire | None = None) -> CandidateJourney:
    """With the credit for that hire, or as it would be today. Two queries at most."""
    touches = list(
        candidate.touches.select_related("channel", "link__publication", "link__content__campaign", "event__campaign")
    )
    if hire is None:
        return CandidateJourney(touches, touch_credit.preview_credit(touches), organisation_clock.today())
    return CandidateJourney(touches, touch_credit.read_credit(hire), hire.accepted_on)


def stages(candidate: Candidate) -> list[JourneyStep]:
    return [_moved(move, None) for move in candidate.stage_moves.select_related("by")]


def journey_steps(hire: Hire, met: CandidateJourney) -> list[JourneyStep]:
    """From the first touch to where the hire stands, in the order of time."""
    moves = hire.candidate.stage_moves.select_related("by")
    steps = [*met.steps, *_applied(hire.candidate), *(_moved(move, hire) for move in moves)]
    return sorted(steps, key=lambda step: step.at)


def in_one_line(hire: Hire, met: CandidateJourney) -> list[tuple[str, date | None]]:
    """From the first touch that counts to where the hire stands, each with its day."""
    first = next((touch for touch in met.touches if not met.is_late(touch)), None)
    applied = hire.candidate.applied_at
    told: list[tuple[str, date | None]] = []
    if first:
        told.append((_words(first)[1], organisation_clock.day_of(first.at)))
    if applied:
        told.append(("applied", organisation_clock.day_of(applied)))
    told.append(("accepted", hire.accepted_on))
    if hire.started_on:
        told.append(("started", hire.started_on))
    return [*told, ("reversed", None)] if hire.state == HireState.REVERSED else told


def address(name: str, pk: int) -> str:
    """Of a row's page."""
    return reverse(f"console:{name}", args=[pk])


def content(row: Content) -> JourneyText:
    return JourneyText(f"“{row.title}”", address("content", row.pk))


def _met(touch: Touch, met: CandidateJourney) -> JourneyStep:
    return JourneyStep(
        at=touch.at,
        icon=CATEGORIES[touch.channel.category],
        words=_words(touch)[0],
        behind=list(_behind(touch)),
        note="After the offer was accepted, so it gets no credit." if met.is_late(touch) else "",
        credit=[model.label for model, shares in met.credited.items() if touch.pk in shares],
        touch=touch,
    )


def _words(touch: Touch) -> tuple[list[JourneyText], str]:
    """In full, and in a few words."""
    channel = JourneyText(touch.channel.name, address("channel", touch.channel_id))
    if touch.event is not None:
        return [
            JourneyText("Checked in at "),
            content(touch.event),
            JourneyText(", heard about us from "),
            channel,
        ], f"Checked in at {touch.event}"
    if touch.kind != TouchKind.LINK or touch.link is None:
        return [
            JourneyText("Heard about us from "),
            channel,
            JourneyText(", recorded manually"),
        ], f"Heard about us from {touch.channel}"
    if touch.link.publication is not None:
        return [
            JourneyText("Read "),
            content(touch.link.content),
            JourneyText(" on "),
            channel,
        ], f"Read on {touch.channel}"
    told = content(touch.link.content)
    return [JourneyText("Followed the link to "), told, JourneyText(" from "), channel], f"Came from {touch.channel}"


def _behind(touch: Touch) -> Iterator[JourneyText]:
    campaign = touch.event.campaign if touch.event else None
    if touch.link is not None:
        yield JourneyText(f"Tracked link {touch.link.code}", address("link", touch.link_id or 0))
        post = touch.link.publication
        if post is not None:
            yield JourneyText(
                "Post of " if post.sent_at else "Post scheduled for ",
                address("publication", post.pk),
                at=post.sent_at or post.publish_at,
            )
        row = touch.link.content
        yield JourneyText(f"{row.get_kind_display()}: {row.title}", address("content", row.pk))
        campaign = campaign or row.campaign
    if campaign is not None:
        yield JourneyText(f"Campaign: {campaign.name}", address("campaign", campaign.pk))


def _applied(candidate: Candidate) -> Iterator[JourneyStep]:
    if candidate.applied_at:
        post = candidate.vacancy
        words = [JourneyText("Applied for "), content(post)] if post else [JourneyText("Applied")]
        behind = [JourneyText(f"Candidate {candidate.reference}", address("candidate", candidate.pk))]
        yield JourneyStep(at=candidate.applied_at, icon="file-text", words=words, behind=behind)


def _moved(move: StageMove, hire: Hire | None) -> JourneyStep:
    before, to = Stage(move.from_stage), Stage(move.to_stage)
    words, symbol = [JourneyText(to.label)], STAGES[to][0]
    day = organisation_clock.day_of(move.at) if to in HIRED else None
    if to is Stage.ACCEPTED:
        words = [JourneyText("Accepted the offer")]
        if hire and day == hire.accepted_on:
            words += [JourneyText(" of "), content(hire.vacancy)]
    elif before in HIRED and to not in HIRED:
        words, symbol = [JourneyText(f"The hire was reversed: {to.label.lower()}")], "undo-2"
    return JourneyStep(at=move.at, icon=symbol, words=words, day=day, by=move.by.name if move.by else "")
