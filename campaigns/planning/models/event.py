from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from campaigns.planning.models.content import Content, ContentKind
from campaigns.planning.models.ending import EarlyEnd, Ending, ending_of
from campaigns.planning.models.organisation import Team


class EventKind(models.TextChoices):
    POP_UP = "pop_up", "Pop-up"
    OPEN_DAY = "open_day", "Open day"
    UNIVERSITY_VISIT = "university_visit", "University visit"
    COLLEGE_VISIT = "college_visit", "College visit"
    SCHOOL_VISIT = "school_visit", "School visit"
    CAREERS_FAIR = "careers_fair", "Careers fair"
    STAFF_BRIEFING = "staff_briefing", "Staff briefing"
    TRAINING = "training", "Training"
    WELLBEING_WEEK = "wellbeing_week", "Wellbeing week"
    AWAY_DAY = "away_day", "Away day"
    LISTENING_EXERCISE = "listening_exercise", "Listening exercise"
    BOARD_MEETING = "board_meeting", "Board meeting"
    AWARD_DEADLINE = "award_deadline", "Award deadline"
    OTHER = "other", "Other"


class EventQuerySet(models.QuerySet["Event"]):
    def ended(self, now: datetime) -> EventQuerySet:
        """Over by the clock, or cancelled."""
        return self.filter(Event.ended_by(now))

    def not_ended(self, now: datetime) -> EventQuerySet:
        return self.filter(~Event.ended_by(now))


class Event(Content):
    event_kind = models.CharField(max_length=20, choices=EventKind.choices)
    body = models.TextField(blank=True, max_length=50_000, help_text="Markdown.")
    place = models.CharField(max_length=300, blank=True)
    online_url = models.URLField(max_length=1000, blank=True)
    starts_at = models.DateTimeField(db_index=True)
    ends_at = models.DateTimeField()
    capacity = models.PositiveIntegerField(null=True, blank=True)
    host_team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="events")
    childcare_offered = models.BooleanField(default=False)
    cancelled_at = models.DateTimeField(null=True, editable=False)

    objects = EventQuerySet.as_manager()  # type: ignore[misc]  # Content has a manager of another kind

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="planning_event_ends_after_start")
        ]

    def ending(self) -> Ending:
        early = EarlyEnd.CANCELLED if self.cancelled_at else EarlyEnd.NO
        return ending_of(kind=ContentKind.EVENT, at=self.ends_at, early=early)

    @staticmethod
    def ended_by(now: datetime, prefix: str = "") -> Q:
        """Chooses those that have ended; `prefix` leads to the event from other rows."""
        return Q(**{f"{prefix}ends_at__lte": now}) | Q(**{f"{prefix}cancelled_at__isnull": False})
