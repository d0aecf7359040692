"""Vacancies."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Field, Query, Router, Status
from pydantic import ConfigDict

from backend.api import preconditions
from backend.api.atomic import atomic
from backend.api.paging import Page, PageQuery, page
from backend.api.resources.content.content import ContentFields, ContentOut, shared_filters
from backend.api.schemas import ApiRequest, Id, Moment, Pence, patch_of
from campaigns.planning.models import (
    Audience,
    ContentState,
    ContractType,
    SalaryUnit,
    StaffGroup,
    Vacancy,
    VacancyStatus,
    WorkingPattern,
)
from campaigns.planning.services import vacancies as services

router = Router(tags=["vacancies"])


class VacancyOut(ContentOut):
    reference: str
    body: str
    team_id: int | None
    staff_group: StaffGroup
    pay_band: str
    salary_min_pence: int | None
    salary_max_pence: int | None
    salary_unit: SalaryUnit
    contract_type: ContractType
    working_pattern: WorkingPattern
    hours_per_week: Decimal | None
    location: str
    postcode: str
    opens_at: datetime
    closes_at: datetime
    apply_url: str
    headcount: int
    values_statement: str
    childcare_offered: bool
    status: VacancyStatus


class VacancyFields(ContentFields):
    reference: str = Field(..., min_length=1, max_length=60)
    body: str = Field("", max_length=50_000, description="Markdown.")
    team_id: Id | None = None
    staff_group: StaffGroup
    pay_band: str = Field("", max_length=40)
    salary_min_pence: Pence | None = None
    salary_max_pence: Pence | None = None
    salary_unit: SalaryUnit = SalaryUnit.YEAR
    contract_type: ContractType = ContractType.PERMANENT
    working_pattern: WorkingPattern = WorkingPattern.FULL_TIME
    hours_per_week: Decimal | None = Field(None, ge=0, le=80, max_digits=4, decimal_places=2)
    location: str = Field(..., min_length=1, max_length=200)
    postcode: str = Field("", max_length=10)
    opens_at: Moment
    closes_at: Moment
    apply_url: str = Field(..., max_length=1000, description="http or https.")
    headcount: int = Field(1, ge=1, le=10_000)
    values_statement: str = Field("", max_length=5000)
    childcare_offered: bool = False


class VacancyIn(VacancyFields):
    allow_past: bool = Field(False, description="Allow a closing time in the past, to record what was done.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "title": "Staff nurse, acute inpatient ward",
                    "reference": "354-NUR-2031",
                    "staff_group": "nursing",
                    "pay_band": "Band 5",
                    "salary_min_pence": 2996900,
                    "salary_max_pence": 3648300,
                    "location": "Crawley",
                    "opens_at": "2030-09-02T09:00:00+01:00",
                    "closes_at": "2030-09-30T23:59:00+01:00",
                    "apply_url": "https://jobs.example.org/354-NUR-2031",
                    "values_statement": "We look for kindness and curiosity as much as for experience.",
                    "childcare_offered": True,
                }
            ]
        }
    )


class VacancyPatch(patch_of(VacancyFields)):  # type: ignore[misc]  # a class made when this is read
    keep_approval: bool = Field(False, description="For the person who approved it: correct it and keep the approval.")
    allow_past: bool = False

    model_config = ConfigDict(json_schema_extra={"examples": [{"headcount": 2}]})


class VacancyQuery(PageQuery):
    state: ContentState | None = None
    audience: Audience | None = None
    campaign_id: Id | None = None
    team_id: Id | None = None
    staff_group: StaffGroup | None = None
    status: VacancyStatus | None = None
    childcare_offered: bool | None = None
    q: str | None = Field(None, max_length=100, description="Search titles.")
    sort: Literal["-id", "id", "closes_at", "-closes_at"] = "-id"


@router.get("", response=Page[VacancyOut], summary="List vacancies")
def list_vacancies(request: ApiRequest, query: Query[VacancyQuery]) -> Any:
    rows = shared_filters(Vacancy.objects.all(), query)
    for name in ("team_id", "staff_group", "status", "childcare_offered"):
        value = getattr(query, name)
        if value is not None:
            rows = rows.filter(**{name: value})
    return page(rows, query, sort=query.sort)


@router.post("", response={201: VacancyOut}, summary="Plan a vacancy")
def create_vacancy(request: ApiRequest, payload: VacancyIn) -> Any:
    fields = payload.model_dump(exclude={"allow_past"})
    return Status(201, services.plan_vacancy(by=request.principal, allow_past=payload.allow_past, **fields))


@router.get("/{vacancy_id}", response=VacancyOut, summary="Read a vacancy")
def get_vacancy(request: ApiRequest, vacancy_id: Id) -> Vacancy:
    return get_object_or_404(Vacancy, pk=vacancy_id)


@router.patch("/{vacancy_id}", response=VacancyOut, summary="Change the given fields")
@atomic
def change_vacancy(request: ApiRequest, vacancy_id: Id, payload: VacancyPatch) -> Vacancy:
    """A change to approved content sends it back to review."""
    return services.change_vacancy(
        vacancy=_locked(request, vacancy_id),
        changes=payload.submitted_fields(without={"keep_approval", "allow_past"}),
        by=request.principal,
        allow_past=payload.allow_past,
        keep_approval=payload.keep_approval,
        locked=True,
    )


@router.post("/{vacancy_id}/fill", response=VacancyOut, summary="Mark as filled")
@atomic
def fill_vacancy(request: ApiRequest, vacancy_id: Id) -> Vacancy:
    """Waiting publications are cancelled and say so; pages and feeds follow."""
    row = _locked(request, vacancy_id)
    return services.end_vacancy(vacancy=row, status=VacancyStatus.FILLED, by=request.principal)


@router.post("/{vacancy_id}/withdraw", response=VacancyOut, summary="Mark as withdrawn")
@atomic
def withdraw_vacancy(request: ApiRequest, vacancy_id: Id) -> Vacancy:
    """The post is not offered any more. Waiting publications are cancelled and say so."""
    row = _locked(request, vacancy_id)
    return services.end_vacancy(vacancy=row, status=VacancyStatus.WITHDRAWN, by=request.principal)


def _locked(request: ApiRequest, vacancy_id: int) -> Vacancy:
    row = get_object_or_404(Vacancy.objects.select_for_update(), pk=vacancy_id)
    preconditions.check(request, VacancyOut, row)
    return row
