from __future__ import annotations

from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from campaigns.planning.models.content import Content, ContentKind
from campaigns.planning.models.ending import EarlyEnd, Ending, ending_of
from campaigns.planning.models.organisation import Team


class StaffGroup(models.TextChoices):
    """The staff groups of the NHS Electronic Staff Record."""

    NURSING = "nursing", "Nursing and midwifery registered"
    MEDICAL = "medical", "Medical and dental"
    ALLIED_HEALTH = "allied_health", "Allied health professionals"
    SCIENTIFIC = "scientific", "Additional professional scientific and technical"
    HEALTHCARE_SCIENTISTS = "healthcare_scientists", "Healthcare scientists"
    CLINICAL_SUPPORT = "clinical_support", "Additional clinical services"
    ADMINISTRATIVE = "administrative", "Administrative and clerical"
    ESTATES = "estates", "Estates and ancillary"
    STUDENTS = "students", "Students"


class SalaryUnit(models.TextChoices):
    YEAR = "year", "a year"
    HOUR = "hour", "an hour"


class ContractType(models.TextChoices):
    PERMANENT = "permanent", "Permanent"
    FIXED_TERM = "fixed_term", "Fixed term"
    BANK = "bank", "Bank"
    LOCUM = "locum", "Locum"
    HONORARY = "honorary", "Honorary"
    APPRENTICESHIP = "apprenticeship", "Apprenticeship"
    VOLUNTARY = "voluntary", "Voluntary"


class WorkingPattern(models.TextChoices):
    FULL_TIME = "full_time", "Full time"
    PART_TIME = "part_time", "Part time"
    FLEXIBLE = "flexible", "Flexible working"
    JOB_SHARE = "job_share", "Job share"
    TERM_TIME = "term_time", "Term time"
    HOME_OR_REMOTE = "home_or_remote", "Home or remote working"
    COMPRESSED = "compressed", "Compressed hours"


class VacancyStatus(models.TextChoices):
    OPEN = "open", "Open"
    FILLED = "filled", "Filled"
    WITHDRAWN = "withdrawn", "Withdrawn"


EARLY_ENDS = {VacancyStatus.FILLED: EarlyEnd.FILLED, VacancyStatus.WITHDRAWN: EarlyEnd.CLOSED}


class VacancyQuerySet(models.QuerySet["Vacancy"]):
    def ended(self, now: datetime) -> VacancyQuerySet:
        """Closed by the clock, or before."""
        return self.filter(Vacancy.ended_by(now))

    def not_ended(self, now: datetime) -> VacancyQuerySet:
        return self.filter(~Vacancy.ended_by(now))


class Vacancy(Content):
    reference = models.CharField(max_length=60, unique=True)
    body = models.TextField(blank=True, max_length=50_000, help_text="Markdown.")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="vacancies")
    staff_group = models.CharField(max_length=30, choices=StaffGroup.choices)
    pay_band = models.CharField(max_length=40, blank=True)
    salary_min_pence = models.PositiveBigIntegerField(null=True, blank=True)
    salary_max_pence = models.PositiveBigIntegerField(null=True, blank=True)
    salary_unit = models.CharField(max_length=10, choices=SalaryUnit.choices, default=SalaryUnit.YEAR)
    contract_type = models.CharField(max_length=20, choices=ContractType.choices, default=ContractType.PERMANENT)
    working_pattern = models.CharField(max_length=20, choices=WorkingPattern.choices, default=WorkingPattern.FULL_TIME)
    hours_per_week = models.DecimalField(
        max_digits=4,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(80)],
    )
    location = models.CharField(max_length=200)
    postcode = models.CharField(max_length=10, blank=True)
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField(db_index=True)
    apply_url = models.URLField(max_length=1000)
    headcount = models.PositiveIntegerField(default=1, validators=[MinValueValidator(1)])
    values_statement = models.TextField(blank=True, max_length=5000)
    childcare_offered = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=VacancyStatus.choices, default=VacancyStatus.OPEN, editable=False)

    objects = VacancyQuerySet.as_manager()  # type: ignore[misc]  # Content has a manager of another kind

    class Meta:
        verbose_name_plural = "vacancies"
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="planning_vacancy_closes_after_open"),
            models.CheckConstraint(
                condition=Q(salary_min_pence=None)
                | Q(salary_max_pence=None)
                | Q(salary_max_pence__gte=F("salary_min_pence")),
                name="planning_vacancy_salary_range",
            ),
        ]

    def ending(self) -> Ending:
        early = EARLY_ENDS.get(VacancyStatus(self.status), EarlyEnd.NO)
        return ending_of(kind=ContentKind.VACANCY, at=self.closes_at, early=early)

    @staticmethod
    def ended_by(now: datetime, prefix: str = "") -> Q:
        """Chooses those that have ended; `prefix` leads to the vacancy from other rows."""
        return Q(**{f"{prefix}closes_at__lte": now}) | Q(**{f"{prefix}status__in": list(EARLY_ENDS)})
