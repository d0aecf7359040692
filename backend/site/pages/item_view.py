"""An item as a page shows it at a moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from backend.site.pages import structured_data as structured
from campaigns.planning import organisation_clock
from campaigns.planning.models import ContentKind
from campaigns.website import addresses
from campaigns.website import details as facts
from campaigns.website.details import Detail
from campaigns.website.models import Item
from campaigns.website.page_details import VacancyDetails


@dataclass(frozen=True)
class ItemView:
    """An item as a page shows it at a moment."""

    item: Item
    now: datetime

    @property
    def path(self) -> str:
        return addresses.page_path(surface=self.item.surface, kind=self.item.kind, slug=self.item.slug)

    @property
    def url(self) -> str:
        return addresses.page_url(surface=self.item.surface, kind=self.item.kind, slug=self.item.slug)

    @property
    def published_on(self) -> str:
        return organisation_clock.format_day(organisation_clock.day_of(self.item.published_at))

    @cached_property
    def ending(self) -> str:
        return self.item.ending().words(self.now)

    @property
    def apply_link(self) -> str:
        """Where to apply; empty for everything but a vacancy that takes applications."""
        return self.item.apply_link if self.item.kind == ContentKind.VACANCY and not self.ending else ""

    @property
    def facts(self) -> list[Detail]:
        return facts.details_of(self.item)

    @property
    def values_statement(self) -> str:
        details = self.item.page_details
        return details.values_statement if isinstance(details, VacancyDetails) else ""

    @property
    def line(self) -> str:
        """The few facts that help to choose in a list."""
        wanted = ("When", "Place", "Location", "Salary")
        told = [fact.text for fact in self.facts if fact.label in wanted]
        closes = [f"Closes {fact.text}" for fact in self.facts if fact.label == "Closes"]
        return " · ".join(told + closes)

    @cached_property
    def lead(self) -> str:
        return facts.lead(self.item)

    @property
    def picture_path(self) -> str:
        return self.item.picture.path if self.item.picture else ""

    @property
    def structured(self) -> str:
        """JSON-LD, only for what one can still apply for or come to (or was told of and is cancelled)."""
        if self.item.kind == ContentKind.VACANCY and self.ending:
            return ""
        return structured.json_ld(self.item, url=self.url)
