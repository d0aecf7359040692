"""A template can be read and edited: each line fits a screen. A tag cannot be broken, so one that is too long gets
another form: a block such as empty_page, a `with`, or a value that its view makes."""

from __future__ import annotations

from pathlib import Path

LINE = 120
ROOT = Path(__file__).parents[1]
TEMPLATES = sorted((ROOT / "backend").rglob("*.html"))


def test_no_line_of_a_template_is_too_long() -> None:
    assert len(TEMPLATES) > 150
    too_long = [
        f"{path.relative_to(ROOT)}:{number}: {len(line)} columns"
        for path in TEMPLATES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > LINE
    ]
    assert not too_long, "\n".join(too_long)
