"""A test reaches a state through the services and the engine (tests/factories): a row that the product never makes
proves nothing."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parent
STATES = {"state", "outcome", "reason_code", "needs_person", "status"}
CREATES = {"create", "bulk_create", "get_or_create", "update_or_create"}
WRITES = {"update", *CREATES}
WITH_STATES = {"Content", "BlogEntry", "Bulletin", "Event", "Vacancy", "Publication", "Candidate", "Hire", "Connection"}
"""Rows that begin in a state, which what goes on around them follows: links, pages, the trail."""
ELSEWHERE = {"servers", "bench", "chaos"}
"""What has states of its own; what fills whole installations; what publishes by a rule of its own to compare with."""
ALLOWED = {
    "api/publishing/test_bounces.py": "of a mail that was handed over before",
    "api/test_examples.py": "a mail that was handed over; tests/scheduler/mail/test_deliver_mail.py hands one over",
    "api/publishing/test_webhooks.py": "a message that a receiver has answered; tests/scheduler/webhooks has receivers",
    "api/test_preconditions.py": "the same",
    "api/test_idempotency.py": "an answer of HTTP that was never given, as its process died",
    "console/plan/test_campaigns.py": "what a channel charged",
    "console/compose/test_compose.py": "what a channel charged",
    "console/channels/test_mailing_lists.py": "a mail that came back",
    "console/administration/test_webhooks.py": "a message that a receiver has answered",
    "console/browser/test_narrow_screens.py": "no state but its words, as long as they may be",
    "scheduler/installation/test_restore_from_backup.py": "what an older backup says",
}


def writes_a_state(node: ast.AST) -> bool:
    if isinstance(node, ast.Assign):
        found = [each for target in node.targets for each in ast.walk(target)]
        return any(isinstance(each, ast.Attribute) and each.attr in STATES and _is_row(each) for each in found)
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in WRITES):
        return False
    return any(keyword.arg in STATES or _hides_names(keyword) for keyword in node.keywords) or (
        node.func.attr in CREATES and _model_of(node.func) in WITH_STATES
    )


def _hides_names(keyword: ast.keyword) -> bool:
    """What is unpacked may set a state unseen, unless it is written out there."""
    if keyword.arg is not None:
        return False
    names = keyword.value.keys if isinstance(keyword.value, ast.Dict) else [None]
    return any(not isinstance(name, ast.Constant) or name.value in STATES for name in names)


def _model_of(write: ast.Attribute) -> str:
    """Whose rows: `Event` of `Event.objects.create`."""
    manager = write.value
    model = manager.value if isinstance(manager, ast.Attribute) and manager.attr == "objects" else None
    return model.id if isinstance(model, ast.Name) else ""


def _is_row(attribute: ast.Attribute) -> bool:
    """A test's own object sets its state on itself."""
    return not (isinstance(attribute.value, ast.Name) and attribute.value.id == "self")


def test_no_test_writes_a_state_itself() -> None:
    found = {
        str(path.relative_to(ROOT)): node.lineno
        for path in sorted(ROOT.rglob("*.py"))
        if path.relative_to(ROOT).parts[0] not in ELSEWHERE
        for node in ast.walk(ast.parse(path.read_text()))
        if writes_a_state(node)
    }

    elsewhere = {path: line for path, line in found.items() if path not in ALLOWED}
    assert elsewhere == {}, "Reach the state by tests/factories, or name the file in ALLOWED with its reason."
    assert sorted(set(ALLOWED) - set(found)) == [], "These write none any more: take them off the list."
