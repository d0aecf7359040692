"""What I sign in with beside my password. To change it a person confirms first, in the console, that it is them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from ninja import Field, Router, Schema, Status
from pydantic import ConfigDict

from backend.accounts import passkeys, second_steps, sessions
from backend.api.atomic import atomic
from backend.api.schemas import ApiRequest, Id, In

router = Router(tags=["me"])


class PasskeyOut(Schema):
    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


class SecondStepOut(Schema):
    needed: bool = Field(description="Whether this installation asks me for one.")
    authenticator_since: datetime | None = Field(description="Since when codes of an app are taken.")
    passkeys: list[PasskeyOut]
    recovery_codes_left: int


class EnrolmentOut(Schema):
    secret: str = Field(description="To type into the app.")
    uri: str = Field(description="The same for a QR code: `otpauth://…`.")


class CodeIn(In):
    code: str = Field(min_length=6, max_length=40)

    model_config = ConfigDict(json_schema_extra={"examples": [{"code": "492039"}]})


class RecoveryCodesOut(Schema):
    recovery_codes: list[str] = Field(description="Shown only now. Each stands in for the second step once.")


class PasskeyIn(In):
    name: str = Field(min_length=1, max_length=60)
    credential: dict[str, Any] = Field(
        description="What `navigator.credentials.create` answered, as its `toJSON` says."
    )

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "My phone", "credential": {}}]})


@router.get("", response=SecondStepOut, summary="Read what I sign in with beside my password")
def get_second_step(request: ApiRequest) -> Any:
    mine = second_steps.second_step_of(request.principal)
    return {
        "needed": sessions.needs_second_step(request.principal),
        "authenticator_since": mine.authenticator.confirmed_at if mine.authenticator else None,
        "passkeys": mine.passkeys,
        "recovery_codes_left": mine.recovery_codes_left,
    }


@router.post("/authenticator", response=EnrolmentOut, summary="Start adding an authenticator app")
@atomic
def start_authenticator(request: ApiRequest) -> Any:
    """The same secret again until a first code has come. It is asked for from then on."""
    sessions.check_confirmed(user=request.principal, session=request.session)
    return second_steps.start_authenticator(user=request.principal)


@router.post("/authenticator/confirm", response=RecoveryCodesOut, summary="Finish with the app's first code")
@atomic
def confirm_authenticator(request: ApiRequest, payload: CodeIn) -> Any:
    """Answers recovery codes if I had none."""
    sessions.check_confirmed(user=request.principal, session=request.session)
    codes = second_steps.confirm_authenticator(user=request.principal, code=payload.code, session=request.session)
    return {"recovery_codes": codes}


@router.delete("/authenticator", response={204: None}, summary="Remove the authenticator app")
@atomic
def remove_authenticator(request: ApiRequest) -> HttpResponse:
    """Twice is as good as once."""
    sessions.check_confirmed(user=request.principal, session=request.session)
    second_steps.remove_authenticator(user=request.principal)
    return HttpResponse(status=204)


@router.post("/recovery-codes", response=RecoveryCodesOut, summary="Make new recovery codes")
@atomic
def make_recovery_codes(request: ApiRequest) -> Any:
    """Those before end."""
    sessions.check_confirmed(user=request.principal, session=request.session)
    return {"recovery_codes": second_steps.make_recovery_codes(user=request.principal)}


@router.post("/passkeys/start", response=dict[str, Any], summary="Start adding a passkey")
def start_passkey(request: ApiRequest) -> Any:
    """Answers what `PublicKeyCredential.parseCreationOptionsFromJSON` takes."""
    place = passkeys.RelyingParty.of(request)
    return passkeys.start_adding(user=request.principal, place=place, session=request.session)


@router.post("/passkeys", response={201: RecoveryCodesOut}, summary="Finish with what the browser made")
@atomic
def add_passkey(request: ApiRequest, payload: PasskeyIn) -> Any:
    """Answers recovery codes if I had none."""
    place = passkeys.RelyingParty.of(request)
    _, codes = passkeys.add_passkey(
        user=request.principal, name=payload.name, answer=payload.credential, place=place, session=request.session
    )
    return Status(201, {"recovery_codes": codes})


@router.delete("/passkeys/{passkey_id}", response={204: None}, summary="Remove a passkey")
@atomic
def remove_passkey(request: ApiRequest, passkey_id: Id) -> HttpResponse:
    """Twice is as good as once."""
    passkeys.remove_passkey(user=request.principal, passkey_id=passkey_id, session=request.session)
    return HttpResponse(status=204)
