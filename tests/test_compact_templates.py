"""What the form of a template adds is not sent, and what can be seen stays."""

from __future__ import annotations

import pytest

from backend.template_loader import compact


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        (
            "<ul>\n  {% for a in b %}\n    <li>{{ a }}</li>\n  {% endfor %}\n</ul>\n",
            "<ul>{% for a in b %}<li>{{ a }}</li>{% endfor %}</ul>",
        ),
        ("<p>\n  See\n  <a href='x'>it</a>\n  there.\n</p>", "<p>See <a href='x'>it</a> there.</p>"),
        ("<p>{{ a }}{% if b %}\n    · {{ b }}{% endif %}\n</p>", "<p>{{ a }}{% if b %} · {{ b }}{% endif %}</p>"),
        (
            'it<a\n  class="quiet"\n  href="{% url \'x\' %}"\n>so</a>.',
            'it<a class="quiet" href="{% url \'x\' %}">so</a>.',
        ),
        (
            "<button\n  {% if a > b %}disabled{% endif %}\n>\n  Go\n</button>\n<b>on</b>",
            "<button {% if a > b %}disabled{% endif %}>Go</button> <b>on</b>",
        ),
        ("<textarea\n  name='a'\n>\n one\n  two</textarea>", "<textarea name='a'>\n one\n  two</textarea>"),
        ("<div>\n  <pre>a\n  b</pre>\n</div>", "<div><pre>a\n  b</pre></div>"),
        ("<script>\n  // why\n  go();\n</script>", "<script>\n  // why\n  go();\n</script>"),
    ],
)
def test_line_breaks_go_where_nobody_sees_them(written: str, sent: str) -> None:
    assert compact(written) == sent


def test_compact_text_stays_as_it_is() -> None:
    text = "<p>One <b>two</b>, {{ three }}</p><ul><li>four</li></ul>"

    assert compact(text) == text
