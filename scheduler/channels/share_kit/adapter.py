"""The share kit: text, pictures and tracked link ready for a place where a person posts by hand, such as WhatsApp or a
noticeboard. The engine holds what falls due for that person, who ticks it off."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import BaseModel, Field

from scheduler.channels import contract
from scheduler.channels.lib import wording
from scheduler.channels.lib.fields import Fields

PICTURES = contract.PictureLimits(maximum=4, bytes=5_000_000, side=2400, alt_text=1000)


class ShareKitSettings(Fields):
    place: str = Field(
        "", max_length=100, title="Where it is posted", description="For example: WhatsApp group of ward 4."
    )
    limit: int | None = Field(
        None, ge=20, le=65_536, title="Longest text", description="In characters. Leave empty for no limit."
    )


class ShareKit:
    kind: ClassVar[str] = "share-kit"
    label: ClassVar[str] = "Share kit"
    reaches: ClassVar[Literal["public", "staff", "either"]] = "either"
    abilities: ClassVar[contract.Abilities] = contract.Abilities(
        reads_back=False, deletes=False, settling=0.0, pictures=PICTURES, manual=True
    )

    class Secrets(Fields):
        pass

    Settings: ClassVar[type[BaseModel]] = ShareKitSettings

    def __init__(self, settings: ShareKitSettings, secrets: BaseModel, context: contract.AdapterContext) -> None:
        self.settings = settings

    def compose(self, draft: contract.Draft) -> contract.Payload:
        text = wording.build_text(draft, self._place())
        if self.settings.limit is not None:
            wording.check_length(self._place(), len(text), self.settings.limit)
        wording.check_pictures(draft, self._place(), PICTURES)
        return wording.build_payload(draft, text, limit=self.settings.limit, body={"text": text})

    def _place(self) -> str:
        return self.settings.place or "this place"

    def send(self, payload: contract.Payload, *, key: str, timeout: float) -> contract.Receipt:
        raise contract.NotSent(f"Post it on {self._place()} yourself.", code="post_by_hand", permanent=True)

    def find(self, *, key: str, link: str, timeout: float) -> contract.Receipt | None:
        raise contract.CannotRead("Only you can see if it was posted.")

    def delete(self, receipt: contract.Receipt, *, timeout: float) -> None:
        raise contract.NotSent(f"Take it down on {self._place()} yourself.", code="cannot_delete", permanent=True)

    def check(self, *, timeout: float) -> contract.Health:
        return contract.Health(ok=True, account=self._place(), message="You post here yourself.")
