"""Whatever people write becomes HTML that is safe to show."""

from __future__ import annotations

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
    assert html("# One\n\n## Two\n\n###### Six") == "<h2>One</h2>\n<h3>Two</h3>\n<h6>Six</h6>"
    assert html("# One", top=3) == "<h3>One</h3>"


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
    assert html(words) == f"<p>{words}</p>"


def test_plain_leaves_words_only() -> None:
    markdown = "# Join us\n\nWe pay **well** at [Hove](https://x.example) & <b>more</b>\n\n- tea\n- cake"
    assert text.to_plain_text(markdown) == "Join us We pay well at Hove & <b>more</b> tea cake"


def test_excerpt_ends_after_a_whole_word() -> None:
    assert text.excerpt("one two, three", 9) == "one two…"
    assert text.excerpt("one two", 9) == "one two"
    assert text.excerpt("a" * 20, 9) == "a" * 8 + "…"
