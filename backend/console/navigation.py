"""The way around the console: what stands in the sidebar, and on a phone's bottom bar, for whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.http import HttpRequest
from django.urls import reverse

from backend.console.gate import may


@dataclass(frozen=True)
class Place:
    """One line of the sidebar. It is current on its own page and on those of `family`."""

    name: str
    label: str
    icon: str
    operation: str
    family: frozenset[str] = field(default_factory=frozenset)
    current: bool = False

    @property
    def address(self) -> str:
        return reverse(f"console:{self.name}")


def _place(name: str, label: str, icon: str, operation: str, *family: str) -> Place:
    return Place(name, label, icon, operation, frozenset({name, *family}))


GROUPS: list[tuple[str, list[Place]]] = [
    ("", [_place("today", "Today", "sun", "me.get_me", "private_address", "first_run")]),
    ("Settings", [_place("settings", "Settings", "settings", "organisation.change_organisation")]),
]
"""Groups of places in order; a group without a title has no heading."""
BAR = {
    "hr": ["today", "candidates", "hires", "source_of_hire"],
    "reader": ["today", "plan", "campaigns", "source_of_hire"],
    "approver": ["today", "plan", "reviews", "publishing"],
}
"""What a phone's bottom bar holds, by role; planners have the four that come first here."""
PLANNERS_BAR = ["today", "plan", "write", "publishing"]


def groups(request: HttpRequest) -> Iterator[tuple[str, list[Place]]]:
    """The sidebar's groups with what this person may open."""
    match = request.resolver_match
    here = match.url_name if match and match.namespace == "console" else None
    for title, places in GROUPS:
        shown = [
            Place(place.name, place.label, place.icon, place.operation, place.family, here in place.family)
            for place in places
            if may(request.user, place.operation)
        ]
        if shown:
            yield title, shown


def frame(request: HttpRequest) -> dict[str, object]:
    """For templates: the sidebar and the bottom bar, made only where a page shows them."""
    return {"navigation": lambda: list(groups(request)), "bottom_bar": lambda: _bar(request)}


def _bar(request: HttpRequest) -> list[Place]:
    names = BAR.get(getattr(request.user, "role", ""), PLANNERS_BAR)
    known = {place.name: place for _, places in groups(request) for place in places}
    return [known[name] for name in names if name in known]
