"""What a post on WordPress says."""

from __future__ import annotations

from scheduler.channels.wordpress.text import build_fields
from tests.scheduler.channels.test_contract import LINK
from tests.scheduler.channels.test_wordpress import draft


def test_a_wording_from_right_to_left_runs_so() -> None:
    words = f"مرحبا بكم & أهلا\nاليوم: {LINK}\n\nJoin us."
    _, fields = build_fields(draft(words, title="Nurse", document=None), "WordPress")

    link = f'<a href="{LINK}">{LINK}</a>'
    assert fields["content"] == f'<p dir="rtl">مرحبا بكم &amp; أهلا<br>اليوم: {link}</p>\n<p>Join us.</p>'
