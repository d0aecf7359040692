"""Mail that came back, as whatever reads the mailbox for it reports."""

from __future__ import annotations

from ninja import Field, Router
from pydantic import ConfigDict, model_validator

from backend.api.resources.publishing.deliveries import DeliveryOut
from backend.api.schemas import ApiRequest, In
from scheduler.mail import bounces, delivery_report
from scheduler.mail.models import Delivery

router = Router(tags=["email"])


class BounceIn(In):
    message_id: str | None = Field(None, min_length=3, max_length=255, description="Of the email that bounced.")
    status: str | None = Field(None, max_length=20, description="RFC 3463: 5.x.x is for good.")
    diagnostic: str = Field("", max_length=2000)
    raw: str | None = Field(None, min_length=1, description="A whole delivery status notification (RFC 3464) instead.")

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"message_id": "<1@example.org>", "status": "5.1.1", "diagnostic": "unknown"}]}
    )

    @model_validator(mode="after")
    def _one_form(self) -> BounceIn:
        parts = (self.message_id is not None, self.status is not None)
        if all(parts) == (self.raw is not None) or any(parts) != all(parts):
            raise ValueError("Give message_id and status, or raw: exactly one of the two.")
        return self


@router.post("", response=DeliveryOut, summary="Report that an email bounced")
def report_bounce(request: ApiRequest, payload: BounceIn) -> Delivery:
    """A permanent failure takes the address off its list. 404 for a mail that is not ours."""
    if payload.raw is not None:
        return bounces.record_bounce(delivery_report.read_report(payload.raw))
    return bounces.record_bounce(
        delivery_report.report_of(
            message_id=payload.message_id or "", status=payload.status or "", diagnostic=payload.diagnostic
        )
    )
