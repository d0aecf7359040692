"""Everything that the accounts keep; one aggregate a module."""

from backend.accounts.models.limits import AttemptCount
from backend.accounts.models.people import Role, User, UserManager
from backend.accounts.models.second_steps import Authenticator, Passkey, RecoveryCode
from backend.accounts.models.secrets import ApiKey, FeedToken, SecretQuerySet, digest
from backend.accounts.models.sessions import Session

__all__ = [
    "ApiKey",
    "AttemptCount",
    "Authenticator",
    "FeedToken",
    "Passkey",
    "RecoveryCode",
    "Role",
    "SecretQuerySet",
    "Session",
    "User",
    "UserManager",
    "digest",
]
