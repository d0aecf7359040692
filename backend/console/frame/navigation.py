"""The way around the console: what stands in the sidebar, and on a phone's bottom bar, for whom. A page that belongs to
a place by its row and not by its name says so itself: `request.nav_item`. So does one that has counted what waits:
`request.nav_numbers`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from backend.accounts.models import User
from backend.console.frame import counts
from backend.console.frame.authorization import Request, has_permission
from backend.notifications.attention import of_content
from backend.notifications.causes import ACT_ON_POSTS, CAUSES, Cause
from campaigns.planning.models import Organisation, Pause, Publication
from scheduler.connections.models import Connection


@dataclass(frozen=True)
class NavItem:
    """One line of the sidebar. It is current on its own page and on those of `family`; `key` leads there after a g."""

    name: str
    label: str
    icon: str
    act: str
    family: frozenset[str] = field(default_factory=frozenset)
    key: str = ""
    current: bool = False
    number: int = 0
    """How many things wait there for this person, or TOO_MANY."""

    @property
    def address(self) -> str:
        return reverse(f"console:{self.name}")

    @property
    def number_words(self) -> str:
        return f"{TOO_MANY - 1}+" if self.number >= TOO_MANY else str(self.number)


def _place(name: str, label: str, icon: str, act: str, *family: str, key: str = "") -> NavItem:
    return NavItem(name, label, icon, act, frozenset({name, *family}), key)


GROUPS: list[tuple[str, list[NavItem]]] = [
    (
        "",
        [
            _place(
                "today",
                "Today",
                "sun",
                "keep own account",
                "attention",
                "private_addresses",
                "private_address",
                "first_run",
                key="t",
            ),
            _place(
                "plan",
                "Plan",
                "calendar-days",
                "read plan",
                *("move_publication", "add_to_plan", "recurrences", "new_recurrence", "end_recurrence"),
                key="p",
            ),
            _place("write", "Write", "pencil", "compose content", "compose", key="w"),
            _place("reviews", "Approvals", "eye", "compose content", "review"),
            _place(
                "campaigns",
                "Campaigns",
                "megaphone",
                "read campaigns",
                *("campaign", "new_campaign", "change_campaign"),
            ),
        ],
    ),
    (
        "Library",
        [
            _place(
                "vacancies",
                "Jobs",
                "briefcase",
                "read content",
                *("new_vacancy", "change_vacancy"),
            ),
            _place("events", "Events", "calendar-heart", "read content", "new_event", "change_event"),
            _place(
                "blog_entries",
                "Blog",
                "pen-line",
                "read content",
                *("new_blog_entry", "change_blog_entry"),
            ),
            _place(
                "bulletins",
                "Bulletins",
                "newspaper",
                "read content",
                *("new_bulletin", "change_bulletin"),
            ),
            _place("pictures", "Pictures", "image", "read pictures", "new_picture", "picture"),
        ],
    ),
    (
        "Results",
        [
            _place("source_of_hire", "Source of hire", "chart-column", "read reports", "source_of_hire_rows"),
            _place(
                "candidates",
                "Candidates",
                "user-search",
                "read candidates",
                *("candidate", "new_candidate", "change_candidate", "move_candidate", "add_touch", "record_hire"),
            ),
            _place("hires", "Hires", "user-check", "read hires", "hire", "start_hire", "reverse_hire"),
            _place("links", "Tracked links", "link", "read links", "new_link", "link"),
        ],
    ),
    (
        "Channels",
        [
            _place(
                "channels",
                "Channels",
                "radio-tower",
                "read channels",
                *("new_channel", "channel", "change_channel", "connect_channel", "sign_in_to_channel"),
                *("channel_slots", "channel_quiet", "channel_spending", "disconnect_channel"),
            ),
            _place(
                "publishing",
                "Publishing",
                "send",
                "read publications",
                *("publication", "hold_publication", "cancel_publication"),
                *("change_publication", "mark_published", "start_pause"),
            ),
            _place(
                "mailing_lists",
                "Mailing lists",
                "mails",
                "read mailing lists",
                *("new_mailing_list", "mailing_list", "change_mailing_list", "import_subscribers"),
            ),
            _place(
                "webhooks",
                "Webhooks",
                "webhook",
                "read webhooks",
                *("new_webhook", "webhook", "change_webhook", "rotate_webhook_secret"),
            ),
        ],
    ),
    (
        "Settings",
        [
            _place("settings", "Settings", "settings", "change organisation"),
            _place("people", "People", "users", "read users", "person", "new_person", "change_person"),
            _place("keys", "API keys", "key-round", "read api keys", "new_key", "key", "revoke_key"),
            _place("teams", "Teams", "users-round", "read teams", "new_team", "change_team"),
            _place("audit", "Audit", "scroll-text", "read audit trail"),
        ],
    ),
]
"""Groups of places in order; a group without a title has no heading."""
BAR = {
    "hr": ["today", "candidates", "hires", "source_of_hire"],
    "reader": ["today", "plan", "campaigns", "source_of_hire"],
    "approver": ["today", "plan", "reviews", "publishing"],
}
"""What a phone's bottom bar holds, by role; planners have the four that come first here."""
HOLD = "hold"
TOO_MANY = 100
"""Beyond which a number is not counted on."""
PLANNERS_BAR = ["today", "plan", "write", "publishing"]


def waiting(user: Any) -> dict[str, QuerySet[Any]]:
    """By place, what waits there for this person, so far as it is counted, and holds over everything."""
    found: dict[str, QuerySet[Any]] = {}
    if has_permission(user, CAUSES[Cause.REVIEW].act):
        found["reviews"] = of_content.waiting_for(user)
    if has_permission(user, ACT_ON_POSTS):
        found["publishing"] = Publication.objects.needs_attention()
    if has_permission(user, CAUSES[Cause.SIGN_IN_ENDED].act):
        signed_out = Connection.objects.filter(status=Connection.Status.NEEDS_SIGN_IN, channel__active=True)
        found["channels"] = signed_out
    found[HOLD] = Pause.objects.active().filter(campaign=None, channel=None)
    return {name: rows.order_by()[:TOO_MANY] for name, rows in found.items()}


def count_with_waiting(request: Request, rows: Mapping[str, QuerySet[Any]]) -> dict[str, int]:
    """How many rows a page's own queries have. What the sidebar says is counted in the same query."""
    beside = _waiting_columns(request.user)
    found = counts.count_together(request.user, {**rows, **beside})
    request.nav_numbers = {name.removeprefix("waiting_"): found[name] for name in beside}
    return {name: found[name] for name in rows}


def _waiting_columns(user: User) -> dict[str, QuerySet[Any]]:
    return {f"waiting_{place}": rows for place, rows in waiting(user).items()}


def _organisation(request: Any) -> Organisation:
    """Its row is read by every page, and what waits is counted with it, unless the page has done so."""
    # No page of the site asks who reads it: it would send a cookie.
    if not request.path.startswith(reverse("console:today")) or hasattr(request, "nav_numbers"):
        return Organisation.current()
    if not isinstance(getattr(request, "user", None), User):
        return Organisation.current()
    beside = _waiting_columns(request.user)
    row = counts.with_counts(Organisation.objects.select_related("logo"), beside).first()
    request.nav_numbers = {name.removeprefix("waiting_"): getattr(row, name, 0) for name in beside}
    return row or Organisation.current()


def groups(
    request: HttpRequest, numbers: Mapping[str, int] = MappingProxyType({})
) -> Iterator[tuple[str, list[NavItem]]]:
    """The sidebar's groups with what this person may open."""
    match = request.resolver_match
    here = getattr(request, "nav_item", None) or (match.url_name if match and match.namespace == "console" else None)
    for title, places in GROUPS:
        shown = [
            replace(place, current=here in place.family, number=numbers.get(place.name, 0))
            for place in places
            if has_permission(request.user, place.act)
        ]
        if shown:
            yield title, shown


def frame(request: Any) -> dict[str, object]:
    """For templates: the sidebar and the bottom bar, made only where a page shows them, and once for both."""
    organisation = SimpleLazyObject(lambda: _organisation(request))

    def numbers() -> dict[str, int]:
        bool(organisation)  # is read with them, on the console's own addresses
        if not hasattr(request, "nav_numbers"):
            count_with_waiting(request, {})
        found: dict[str, int] = request.nav_numbers
        return found

    shown = SimpleLazyObject(lambda: list(groups(request, numbers())))
    return {
        "organisation": organisation,
        "navigation": shown,
        "bottom_bar": lambda: _bar(request, shown),
        "everything_held": lambda: numbers()[HOLD] > 0,
    }


def _bar(request: HttpRequest, shown: Iterable[tuple[str, list[NavItem]]]) -> list[NavItem]:
    names = BAR.get(getattr(request.user, "role", ""), PLANNERS_BAR)
    known = {place.name: place for _, places in shown for place in places}
    return [known[name] for name in names if name in known]
