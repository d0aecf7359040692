from campaigns.planning.models.campaign import Campaign
from campaigns.planning.models.channel import Channel
from campaigns.planning.models.channel_times import QuietPeriod, Slot, Weekday
from campaigns.planning.models.composition import ComposedChannel, Composition, Presence, ScheduleMode
from campaigns.planning.models.content import (
    ApprovedVersion,
    Audience,
    BlogEntry,
    Content,
    ContentKind,
    ContentMove,
    ContentState,
    SearchWord,
)
from campaigns.planning.models.ended_content import content_ended_by
from campaigns.planning.models.ending import EarlyEnd, Ending, ending_of
from campaigns.planning.models.event import Event, EventKind
from campaigns.planning.models.organisation import Organisation, Team
from campaigns.planning.models.pause import Pause
from campaigns.planning.models.publication import LateRule, Publication, PublicationPicture
from campaigns.planning.models.reason import REASONS, STILL_TO_GO, WAITING, PublicationState, Reason, Remedy
from campaigns.planning.models.recurrence import Recurrence
from campaigns.planning.models.sent_post import SentPost
from campaigns.planning.models.vacancy import (
    ContractType,
    SalaryUnit,
    StaffGroup,
    Vacancy,
    VacancyQuerySet,
    VacancyStatus,
    WorkingPattern,
)

__all__ = [
    "REASONS",
    "STILL_TO_GO",
    "WAITING",
    "ApprovedVersion",
    "Audience",
    "BlogEntry",
    "Campaign",
    "Channel",
    "ComposedChannel",
    "Composition",
    "Content",
    "ContentKind",
    "ContentMove",
    "ContentState",
    "ContractType",
    "EarlyEnd",
    "Ending",
    "Event",
    "EventKind",
    "LateRule",
    "Organisation",
    "Pause",
    "Presence",
    "Publication",
    "PublicationPicture",
    "PublicationState",
    "QuietPeriod",
    "Reason",
    "Recurrence",
    "Remedy",
    "SalaryUnit",
    "ScheduleMode",
    "SearchWord",
    "SentPost",
    "Slot",
    "StaffGroup",
    "Team",
    "Vacancy",
    "VacancyQuerySet",
    "VacancyStatus",
    "Weekday",
    "WorkingPattern",
    "content_ended_by",
    "ending_of",
]
