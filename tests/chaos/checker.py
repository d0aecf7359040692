"""The invariants of "effectively once", asked of what the channel accepted and what the house wrote down.

Pure: it knows nothing of how the evidence came about, so that the engine and the baseline are judged alike.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

GRACE = 12.0
"""Seconds past its time after which something that waits counts as stuck: the campaign's lease, deadline, settling
and longest back-off together, with as much again for a busy machine."""
HORIZON = 60.0
"""Seconds ahead, beyond which an appointment counts as nobody's."""
LATE, LATE_AT_MOST = 2.0, 0.005
CLOCKS = 0.05
"""Seconds by which two processes may read the clock differently."""

ONCE, TWICE, LOST, ASKED = "once", "twice", "lost", "asked a person"
REFUSED_STATES = ("failed", "held", "cancelled")
SETTLED_STATES = (*REFUSED_STATES, "sent", "withdrawn")
LINK = re.compile(r"/r/(\w+)")


@dataclass(frozen=True)
class Post:
    """A publication as it stands in the database. Times in seconds since 1970."""

    id: int
    title: str
    """Distinct, and the first line of what goes out."""
    state: str
    publish_at: float
    due_at: float
    link: str = ""
    remote_id: str = ""
    needs_person: bool = False
    lease_until: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Accepted:
    """A post that a channel took."""

    remote_id: str
    text: str
    at: float


@dataclass(frozen=True)
class Try:
    publication: int
    started_at: float
    outcome: str = ""
    code: str = ""


@dataclass(frozen=True)
class Evidence:
    posts: list[Post]
    accepted: list[Accepted]
    tries: list[Try]
    checked_at: float
    calm_until: float = 0.0
    """What was to go out before this was not disturbed, so it must have been on time."""
    repeats: list[str] = field(default_factory=list)
    """Texts that a channel was offered again although it had them, whether it took them or not."""


@dataclass(frozen=True)
class Breach:
    kind: str
    publication: int | None
    sentence: str


@dataclass
class Verdict:
    fates: dict[int, str] = field(default_factory=dict)
    accepted: dict[int, list[Accepted]] = field(default_factory=dict)
    breaches: list[Breach] = field(default_factory=list)
    lateness: list[float] = field(default_factory=list)
    """Seconds, of each undisturbed first try, in ascending order."""

    @property
    def holds(self) -> bool:
        return not self.breaches

    def count(self, fate: str) -> int:
        return Counter(self.fates.values())[fate]

    def in_words(self) -> str:
        return ", ".join(f"{self.count(fate)} {fate}" for fate in (ONCE, TWICE, LOST, ASKED))


def judge(evidence: Evidence) -> Verdict:
    verdict = Verdict()
    accepted, strangers = _matched(evidence)
    tries: dict[int, list[Try]] = defaultdict(list)
    for row in evidence.tries:
        tries[row.publication].append(row)
    for post in evidence.posts:
        mine = verdict.accepted[post.id] = accepted[post.id]
        verdict.fates[post.id] = fate = _fate(post, mine)
        for kind, sentence in (
            *_about_number(post, mine, fate),
            *_about_record(post, mine, tries[post.id]),
            *_about_waiting(post, evidence.checked_at),
        ):
            verdict.breaches.append(Breach(kind, post.id, f"{post.title}: {sentence}"))
    verdict.breaches += [
        Breach("stranger", None, f"The channel has {post.text!r}, which belongs to no publication.")
        for post in strangers
    ]
    titles = {post.title: post.id for post in evidence.posts}
    verdict.breaches += [
        Breach("repeated", titles.get(first_line(text)), f"{first_line(text)}: was offered again while it was out.")
        for text in evidence.repeats
    ]
    _judge_lateness(verdict, evidence, tries)
    return verdict


def first_line(text: str) -> str:
    return text.split("\n", 1)[0].strip()


def _matched(evidence: Evidence) -> tuple[dict[int, list[Accepted]], list[Accepted]]:
    """Accepted posts by publication: by the tracked link, else by the distinct text. And those of nobody."""
    by_link = {post.link: post.id for post in evidence.posts if post.link}
    by_title = {post.title: post.id for post in evidence.posts}
    found: dict[int, list[Accepted]] = defaultdict(list)
    strangers = []
    for post in sorted(evidence.accepted, key=lambda post: post.at):
        codes = LINK.findall(post.text)
        owner = next((by_link[code] for code in codes if code in by_link), by_title.get(first_line(post.text)))
        if owner is None:
            strangers.append(post)
        else:
            found[owner].append(post)
    return found, strangers


def _fate(post: Post, accepted: list[Accepted]) -> str:
    if len(accepted) > 1:
        return TWICE
    if accepted:
        return ONCE
    return ASKED if post.state in REFUSED_STATES or post.needs_person else LOST


def _about_number(post: Post, accepted: list[Accepted], fate: str) -> Iterator[tuple[str, str]]:
    if fate == TWICE:
        yield "doubled", f"the channel has it {len(accepted)} times."
    elif fate == LOST:
        yield "lost", f"the channel does not have it, it stands in {post.state}, and nobody was asked."
    elif accepted and post.state in REFUSED_STATES:
        yield "denied", f"the channel has it, and the house says {post.state}."


def _about_record(post: Post, accepted: list[Accepted], tries: list[Try]) -> Iterator[tuple[str, str]]:
    if post.state == "sent" and accepted and post.remote_id not in [found.remote_id for found in accepted]:
        yield "wrong_id", f"stored as {post.remote_id!r}, accepted as {accepted[0].remote_id!r}."
    starts = sorted(row.started_at for row in tries)
    for number, found in enumerate(accepted):
        if len(starts) <= number or starts[number] > found.at + CLOCKS:
            yield "unrecorded", f"{found.remote_id} was accepted without an attempt of its own."


def _about_waiting(post: Post, now: float) -> Iterator[tuple[str, str]]:
    if post.state in SETTLED_STATES or (post.state == "unknown" and post.needs_person):
        return
    since = post.lease_until if post.state == "sending" else max(post.due_at, post.lease_until or 0.0)
    if since is None or since < now - GRACE:
        yield "stuck", f"still {post.state}, and nobody has looked at it in time ({post.reason or 'no reason'})."
    elif since > max(now, post.publish_at) + HORIZON:
        yield "stuck", f"still {post.state}, and nobody will look at it for {since - now:.0f} s."


def _judge_lateness(verdict: Verdict, evidence: Evidence, tries: dict[int, list[Try]]) -> None:
    calm = [post for post in evidence.posts if post.publish_at < evidence.calm_until]
    for post in calm:
        starts = [row.started_at for row in tries[post.id]]
        verdict.lateness.append(min(starts) - post.publish_at if starts else float("inf"))
    verdict.lateness.sort()
    late = sum(seconds > LATE for seconds in verdict.lateness)
    if late > LATE_AT_MOST * len(calm):
        sentence = f"{late} of {len(calm)} undisturbed publications were more than {LATE:g} s late."
        verdict.breaches.append(Breach("late", None, sentence))
