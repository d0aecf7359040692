"""The organisation's own website and staff feed as channels: publishing there is a local transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from pydantic import BaseModel

from scheduler.channels.contract import (
    Abilities,
    AdapterContext,
    Document,
    DoesNotFit,
    Draft,
    Health,
    Payload,
    Receipt,
)
from scheduler.channels.lib.fields import Fields


@dataclass(frozen=True, kw_only=True)
class PagePayload(Payload):
    """What our own pages are given; nothing is transmitted."""

    document: Document
    link: str


class OwnSiteAdapter:
    """Puts the approved document on a surface. The same key twice finds the item that is there already."""

    kind: ClassVar[str]
    label: ClassVar[str]
    reaches: ClassVar[Literal["public", "staff"]]
    abilities: ClassVar[Abilities] = Abilities(
        reads_back=True, deletes=True, settling=0.0, idempotent=True, carries_document=True
    )

    class Settings(Fields):
        pass

    class Secrets(Fields):
        pass

    def __init__(self, settings: BaseModel, secrets: BaseModel, context: AdapterContext) -> None:
        self.publisher = context.publisher

    def compose(self, draft: Draft) -> PagePayload:
        if draft.document is None:
            raise DoesNotFit("There is nothing to show on this page.")
        document = draft.document.with_summary(draft.text) if draft.text else draft.document
        text = f"{draft.title}\n\n{document.summary}".strip()
        return PagePayload(text=text, length=len(text), limit=None, body={}, document=document, link=draft.link)

    def send(self, payload: Payload, *, key: str, timeout: float) -> Receipt:
        assert isinstance(payload, PagePayload)  # noqa: S101 - as composed above
        return self.publisher.put(surface=self.kind, key=key, document=payload.document, link=payload.link)

    def find(self, *, key: str, link: str, timeout: float) -> Receipt | None:
        return self.publisher.find(key=key)

    def delete(self, receipt: Receipt, *, timeout: float) -> None:
        self.publisher.remove(receipt)

    def check(self, *, timeout: float) -> Health:
        return Health(ok=True, account=self.label, message="Part of this installation.")


class Blog(OwnSiteAdapter):
    """The public website: blog, vacancies and events."""

    kind = "blog"
    label = "Blog"
    reaches = "public"


class Bulletin(OwnSiteAdapter):
    """The staff bulletin feed."""

    kind = "bulletin"
    label = "Staff bulletin feed"
    reaches = "staff"
