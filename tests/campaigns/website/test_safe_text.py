"""Whatever people write becomes HTML that is safe to show."""

from __future__ import annotations

import re
import time

import pytest

from campaigns.website import markdown as text

BASE = "https://promenade.example/"


def html(markdown: str, **given: int) -> str:
    return text.html(markdown, base=BASE, **given)


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](java&#x0A;script:alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "![a](javascript:alert(1))",
        "<javascript:alert(1)>",
        '[a](https://x.example/"onclick="alert(1))',
    ],
)
def test_nothing_that_runs_is_left(hostile: str) -> None:
    made = html(hostile)
    assert "<script" not in made
    assert "<svg" not in made
    assert 'href="javascript' not in made.lower()
    assert 'href="data' not in made
    assert "onerror" not in made.replace("&lt;img src=x onerror=alert(1)&gt;", "")
    assert '"onclick' not in made


def test_refused_link_keeps_its_words_only() -> None:
    assert html("[read on](javascript:alert(1))") == '<p><a rel="noopener">read on</a></p>'


def test_script_is_shown_as_text() -> None:
    assert html("<script>alert(1)</script>") == "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"


def test_addresses_become_absolute() -> None:
    made = html("[one](/jobs/nurse) [two](//other.example/x) [three](?page=2) <hr@trust.example>")
    assert 'href="https://promenade.example/jobs/nurse"' in made
    assert 'href="https://other.example/x"' in made
    assert 'href="https://promenade.example/?page=2"' in made
    assert 'href="mailto:hr@trust.example"' in made
    assert made.count('rel="noopener"') == 4


def test_file_and_ftp_addresses_go() -> None:
    assert "href" not in html("[a](ftp://x.example/y) [b](file:///etc/passwd)")


def test_headings_leave_the_h1_to_the_page() -> None:
    assert levels("# One\n\n## Two") == "h2 h3"
    assert levels("# One", top=3) == "h3"


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ("##", "h2"),
        ("###### #", "h2 h2"),
        ("## ### ##", "h2 h3 h2"),
        ("# ### ###### ##", "h2 h3 h4 h3"),  # none leaves a level out
        ("### ## #### #", "h2 h2 h3 h2"),
        ("# ## ### #### ##### ######", "h2 h3 h4 h5 h6 h6"),
    ],
)
def test_levels_of_headings_fit_the_page_whatever_they_begin_with(marks: str, expected: str) -> None:
    assert levels("\n\n".join(f"{mark} Words" for mark in marks.split())) == expected


def levels(markdown: str, **given: int) -> str:
    return " ".join(re.findall(r"<(h\d)", html(markdown, **given)))


def test_links_on_the_page_reach_its_headings() -> None:
    made = html("[below](#pay) [again](#Pay%20%26%20leave) [nowhere](#x)\n\n## Pay\n\n## Pay\n\n## Pay & leave")
    assert re.findall(r'id="([^"]+)"', made) == ["heading-pay", "heading-pay-1", "heading-pay-leave"]
    assert re.findall(r'href="([^"]+)"', made) == ["#heading-pay", "#heading-pay-leave", "#heading-x"]


def test_a_heading_keeps_its_id_while_the_text_around_it_changes() -> None:
    assert 'id="heading-what-s-on"' not in html("## What’s on")
    assert html("## What’s *on*, then?") == '<h2 id="heading-whats-on-then">What’s <em>on</em>, then?</h2>'
    assert 'id="heading-whats-on"' in html("Hello.\n\n# Before\n\n## What’s on")
    assert 'id="heading-नमस्ते"' in html("## नमस्ते!")
    assert 'id="heading-section"' in html("## 🎉")


@pytest.mark.parametrize(
    ("written", "address", "shown"),
    [
        ("Apply at https://jobs.example/a_b_c?x=1&y=2.", "https://jobs.example/a_b_c?x=1&amp;y=2", ""),
        ("(see https://x.example/a_(b))", "https://x.example/a_(b)", ""),
        ("“https://x.example/a”, she said", "https://x.example/a", ""),
        ("**https://x.example/a**", "https://x.example/a", ""),
        ("_https://x.example/a_b_", "https://x.example/a_b", ""),
        ("Is it https://x.example?", "https://x.example", ""),
        ("HTTP://X.example/A", "HTTP://X.example/A", ""),
        ("https://localhost:8000/x#y", "https://localhost:8000/x#y", ""),
        ("https://münchen.example/ä", "https://xn--mnchen-3ya.example/%C3%A4", "https://münchen.example/ä"),
        ("www.nhs.uk/jobs, or", "http://www.nhs.uk/jobs", "www.nhs.uk/jobs"),
        ("Write to jane_o.brien+x@nhs.example!", "mailto:jane_o.brien+x@nhs.example", "jane_o.brien+x@nhs.example"),
        ("| Where |\n|---|\n| https://x.example/a |", "https://x.example/a", ""),
        ("- https://x.example/a\n", "https://x.example/a", ""),
        ("اكتب إلى https://x.example/a الآن", "https://x.example/a", ""),
    ],
)
def test_a_bare_address_is_a_link(written: str, address: str, shown: str) -> None:
    assert f'<a href="{address}" rel="noopener">{shown or address}</a>' in html(written)
    assert html(written).count("<a ") == 1


@pytest.mark.parametrize(
    "written",
    [
        "https://",
        "https://…",
        "www.",
        "www.x",
        "@user@social.example",
        "a@b",
        "`https://x.example`",
        "A.B.C e.g. this.that",
    ],
)
def test_what_is_no_address_stays_words(written: str) -> None:
    assert "<a" not in html(written)


def test_an_address_inside_of_a_link_is_no_second_one() -> None:
    made = html("[https://x.example](https://y.example) <https://z.example> ![www.x.example](/pictures/1.png)")
    assert re.findall(r'href="([^"]+)"', made) == ["https://y.example", "https://z.example"]


@pytest.mark.parametrize(
    "hostile", ["a_" * 20_000, "a@" * 20_000, "www." * 20_000, "https://" * 20_000, "a.b@" * 10_000]
)
def test_no_text_takes_long_to_read(hostile: str) -> None:
    started = time.monotonic()
    html(hostile)
    assert time.monotonic() - started < 10


def test_crisis_lines_dial() -> None:
    made = html("[116 123](tel:116123) [text](<sms:+44 7700 900 123>) [write](mailto:jo@samaritans.example)")
    assert re.findall(r'href="([^"]+)"', made) == ["tel:116123", "sms:+447700900123", "mailto:jo@samaritans.example"]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("مرحبا بكم", '<p dir="rtl">مرحبا بكم</p>'),
        ("**«שלום»** hello", '<p dir="rtl"><strong>«שלום»</strong> hello</p>'),
        ("Hello مرحبا", "<p>Hello مرحبا</p>"),
        ("116 123", "<p>116 123</p>"),
        ("- مرحبا\n- hello\n- 3", '<ul dir="rtl">\n<li>مرحبا</li>\n<li dir="ltr">hello</li>\n<li>3</li>\n</ul>'),
        ("> שלום\n>\n> Hi", '<blockquote dir="rtl">\n<p>שלום</p>\n<p dir="ltr">Hi</p>\n</blockquote>'),
    ],
)
def test_each_block_runs_as_its_words_do(markdown: str, expected: str) -> None:
    assert html(markdown) == expected


def test_tables_and_emphasis_are_kept() -> None:
    made = html("| Day | Place |\n|-----|------:|\n| *Mon* | **Hove** |")
    assert "<th>Day</th>" in made
    assert "<td><em>Mon</em></td>" in made
    assert "style" not in made


def test_own_picture_is_shown_with_its_alternative_text() -> None:
    assert (
        html("![The *pier*](/media/pier.jpg)")
        == '<p><img src="https://promenade.example/media/pier.jpg" alt="The pier"></p>'
    )


@pytest.mark.parametrize("address", ["https://tracker.example/p.gif", "//promenade.example.evil.example/p.gif"])
def test_picture_from_elsewhere_becomes_a_link(address: str) -> None:
    made = html(f"![A pixel]({address})")
    assert "<img" not in made
    assert ">A pixel</a>" in made


@pytest.mark.parametrize("broken", ["![x](http://[)", "[x](http://[::1)", "[x](HTTP://%00)", "![](<>)"])
def test_broken_addresses_do_no_harm(broken: str) -> None:
    assert html(broken).startswith("<p>")


def test_characters_that_xml_forbids_go() -> None:
    assert text.clean("a\x00b\x0bc\x1bd\x85e\ufffdf\ufffeg\ud800h\r\ni\rj") == "abcdefgh\ni\nj"


def test_references_to_forbidden_characters_go_too() -> None:
    assert html("a&#0;b&#11;c&#xD800;d") == "<p>abcd</p>"


def test_emoji_and_right_to_left_text_stay() -> None:
    words = "👩‍⚕️ مرحبا \u200f שלום 𝔘"
    assert text.clean(words) == words
    assert html(words) == f'<p dir="rtl">{words}</p>'


def test_plain_leaves_words_only() -> None:
    markdown = "# Join us\n\nWe pay **well** at [Hove](https://x.example) & <b>more</b>\n\n- tea\n- cake"
    assert text.to_plain_text(markdown) == "Join us We pay well at Hove & <b>more</b> tea cake"


def test_excerpt_ends_after_a_whole_word() -> None:
    assert text.excerpt("one two, three", 9) == "one two…"
    assert text.excerpt("one two", 9) == "one two"
    assert text.excerpt("a" * 20, 9) == "a" * 8 + "…"
