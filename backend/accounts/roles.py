"""Which role may do what: one table, by act. The API, the console and the site ask it."""

from __future__ import annotations

from backend.accounts.models import Role

COMMS, APPROVER, HR, READER, ADMIN = (str(role) for role in Role)
EVERYONE = frozenset({COMMS, APPROVER, HR, READER, ADMIN})
PLANNERS = frozenset({COMMS, APPROVER, ADMIN})
APPROVERS = frozenset({APPROVER, ADMIN})
RECRUITERS = frozenset({HR, ADMIN})
ADMINS = frozenset({ADMIN})
MAILERS = frozenset({COMMS, ADMIN})
"""Who may see the addresses of subscribers."""

IN_WORDS = {
    COMMS: (
        "Plans, writes and publishes, and manages channels and mailing lists. Someone else approves what they write."
    ),
    APPROVER: "Does what Communications does, and approves or returns content.",
    HR: "Records candidates and hires, and manages teams, channels and tracked links. Closes jobs. Reads the plan.",
    READER: "Reads plans, content and reports. Cannot change anything or see candidates.",
    ADMIN: (
        "Does everything the other roles do, including candidates. Manages people, API keys, connections and "
        "settings, and reads the audit trail."
    ),
}
"""What each role may do, in a sentence for whoever gives it."""

# A verb and its object. Faces ask by act: a page and an operation of the API that do the same are one act. A reader
# never sees a person's data.
ACTS: dict[str, frozenset[str]] = {
    "keep own account": EVERYONE,
    "read organisation": EVERYONE,
    "change organisation": ADMINS,
    "read campaigns": EVERYONE,
    "add campaign": PLANNERS,
    "change campaign": PLANNERS,
    "read teams": EVERYONE,
    "add team": PLANNERS | RECRUITERS,
    "change team": PLANNERS | RECRUITERS,
    "read channels": EVERYONE,
    "add channel": PLANNERS | RECRUITERS,
    "change channel": PLANNERS | RECRUITERS,
    "read connection": PLANNERS,
    "connect channel": ADMINS,
    "read spending": PLANNERS,
    "check connection": PLANNERS,
    "disconnect channel": ADMINS,
    "add quiet period": PLANNERS,
    "remove quiet period": PLANNERS,
    "add slot": PLANNERS,
    "remove slot": PLANNERS,
    "read pictures": EVERYONE,
    "add picture": PLANNERS,
    "read content": EVERYONE,
    "add event": PLANNERS,
    "change event": PLANNERS,
    "cancel event": PLANNERS,
    "add vacancy": PLANNERS,
    "change vacancy": PLANNERS,
    "fill vacancy": PLANNERS | RECRUITERS,
    "close vacancy": PLANNERS | RECRUITERS,
    "add blog entry": PLANNERS,
    "change blog entry": PLANNERS,
    "add bulletin": PLANNERS,
    "change bulletin": PLANNERS,
    "submit content": PLANNERS,
    "approve content": APPROVERS,
    "return content": APPROVERS,
    "withdraw content": PLANNERS,
    "archive content": PLANNERS,
    "compose content": PLANNERS,
    "schedule content": PLANNERS,
    "read publications": EVERYONE,
    "change publication": PLANNERS,
    "cancel publication": PLANNERS,
    "hold publication": PLANNERS,
    "release publication": PLANNERS,
    "retry publication": PLANNERS,
    "reschedule publication": PLANNERS,
    "mark published": PLANNERS,
    "mark taken down": PLANNERS,
    "start pause": PLANNERS,
    "end pause": PLANNERS,
    "read recurrences": EVERYONE,
    "start recurrence": PLANNERS,
    "end recurrence": PLANNERS,
    "read plan": EVERYONE,
    "read links": PLANNERS | RECRUITERS,
    "add link": PLANNERS | RECRUITERS,
    "read candidates": RECRUITERS,
    "add candidate": RECRUITERS,
    "change candidate": RECRUITERS,
    "add touch": RECRUITERS,
    "remove touch": RECRUITERS,
    "move candidate": RECRUITERS,
    "read hires": RECRUITERS,
    "record hire": RECRUITERS,
    "start hire": RECRUITERS,
    "reverse hire": RECRUITERS,
    "read reports": EVERYONE,
    "search": EVERYONE,
    "read users": ADMINS,
    "add user": ADMINS,
    "change user": ADMINS,
    "remove second step": ADMINS,
    "sign user out": ADMINS,
    "read api keys": ADMINS,
    "add api key": ADMINS,
    "revoke api key": ADMINS,
    "read webhooks": ADMINS,
    "add webhook": ADMINS,
    "change webhook": ADMINS,
    "remove webhook": ADMINS,
    "test webhook": ADMINS,
    "replay webhook": ADMINS,
    "read audit trail": ADMINS,
    "read mailing lists": EVERYONE,
    "add mailing list": MAILERS,
    "change mailing list": MAILERS,
    "import subscribers": MAILERS,
    "read subscribers": MAILERS,
    "unsubscribe subscriber": MAILERS,
    "erase subscriber": MAILERS,
    "read mail deliveries": PLANNERS,
    "report bounce": MAILERS,
}


def may(role: str, act: str) -> bool:
    """Whether this role may do this. Raises KeyError for an act that the table does not have."""
    return role in ACTS[act]
