from campaigns.planning.models.approved_version import ApprovedVersion
from campaigns.planning.models.blog_entry import BlogEntry
from campaigns.planning.models.campaign import Campaign
from campaigns.planning.models.channel import Channel
from campaigns.planning.models.composition import ComposedChannel, Composition, ScheduleMode
from campaigns.planning.models.content import Audience, Content, ContentKind, ContentMove, ContentState
from campaigns.planning.models.ended_content import content_ended_by
from campaigns.planning.models.ending import EarlyEnd, Ending, ending_of
from campaigns.planning.models.event import Event, EventKind
from campaigns.planning.models.organisation import Organisation
from campaigns.planning.models.pause import Pause
from campaigns.planning.models.presence import Presence
from campaigns.planning.models.publication import LateRule, Publication, PublicationPicture
from campaigns.planning.models.publication_state import STILL_TO_GO, WAITING, PublicationState
from campaigns.planning.models.quiet_period import QuietPeriod, Weekday
from campaigns.planning.models.reason import REASONS, Reason, Remedy
from campaigns.planning.models.recurrence import Recurrence
from campaigns.planning.models.search_word import SearchWord
from campaigns.planning.models.sent_post import SentPost
from campaigns.planning.models.slot import Slot
from campaigns.planning.models.team import Team
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
