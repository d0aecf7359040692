from campaigns.hiring.models.candidate import Candidate, Stage, StageMove, Touch, TouchKind
from campaigns.hiring.models.credit import Credit
from campaigns.hiring.models.hire import AttributionModel, Hire, HireState
from campaigns.hiring.models.link import NotCounted, TrackedLink, Visit, VisitSalt

__all__ = [
    "AttributionModel",
    "Candidate",
    "Credit",
    "Hire",
    "HireState",
    "NotCounted",
    "Stage",
    "StageMove",
    "Touch",
    "TouchKind",
    "TrackedLink",
    "Visit",
    "VisitSalt",
]
