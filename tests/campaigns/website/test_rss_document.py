"""A feed reads back as it was written, in any reader, byte for byte the same."""

from __future__ import annotations

import html as entities
import os
import time
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.website import markdown as text
from campaigns.website.feeds import EntryPicture, rss
from tests.campaigns.website.conftest import NINE, entry, feed

NAMES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
}
PICTURE = EntryPicture(
    url="https://promenade.example/media/pier.jpg?a=1&b=2",
    alt='The pier & its "lights" <at dusk>',
    width=1200,
    height=800,
    type="image/jpeg",
    size=81_234,
)


def tree(data: bytes) -> ET.Element:
    return ET.fromstring(data)  # noqa: S314 - our own bytes


def item(data: bytes) -> ET.Element:
    found = tree(data).find("channel/item")
    assert found is not None
    return found


def test_reader_finds_what_was_written() -> None:
    read = feedparser.parse(rss(feed(entry(tags=("wellbeing", "R&D")))))
    assert not read.bozo
    assert read.version == "rss20"
    assert read.feed.title == "Staff bulletin"
    assert read.feed.language == "en-gb"
    assert read.feed.ttl == "15"
    assert read.feed.link == "https://promenade.example/"
    (one,) = read.entries
    assert one.id == "urn:uuid:5b0c0f7e-7d51-4c8e-9a52-6a5c5f2f9a11"
    assert one.guidislink is False
    assert one.title == "News"
    assert one.link == "https://promenade.example/blog/news"
    assert one.summary == "What happened."
    assert one.content[0].value == "<p>What happened.</p>"
    assert one.author == "Wren Writer"
    assert [tag.term for tag in one.tags] == ["wellbeing", "R&D"]
    assert one.published_parsed[:6] == (2026, 3, 2, 9, 0, 0)


def test_feed_names_itself_and_its_type() -> None:
    link = tree(rss(feed())).find("channel/atom:link", NAMES)
    assert link is not None
    assert link.attrib == {
        "rel": "self",
        "type": "application/rss+xml",
        "href": "https://promenade.example/feeds/bulletin.rss",
    }


def test_guid_outlives_edit_and_new_slug() -> None:
    before = entry()
    after = replace(
        before, title="Corrected", link="https://promenade.example/blog/new", updated=NINE + timedelta(hours=1)
    )
    old, new = item(rss(feed(before))), item(rss(feed(after)))
    assert old.findtext("guid") == new.findtext("guid")
    assert old.find("guid").attrib == {"isPermaLink": "false"}
    assert old.findtext("pubDate") == new.findtext("pubDate") == "Mon, 02 Mar 2026 09:00:00 +0000"
    assert old.findtext("atom:updated", None, NAMES) == "2026-03-02T09:00:00+00:00"
    assert new.findtext("atom:updated", None, NAMES) == "2026-03-02T10:00:00+00:00"


def test_last_build_date_is_the_feed_s_even_when_it_is_empty() -> None:
    assert b"<lastBuildDate>Mon, 02 Mar 2026 09:00:00 +0000</lastBuildDate>" in rss(feed())
    newer = entry(updated=NINE + timedelta(days=3))
    assert b"<lastBuildDate>Mon, 02 Mar 2026 09:00:00 +0000</lastBuildDate>" in rss(feed(newer))


def test_same_feed_gives_the_same_bytes_in_any_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    first = rss(feed(entry(picture=PICTURE)))
    summer = timezone(timedelta(hours=5, minutes=30))
    assert (
        rss(feed(entry(picture=PICTURE, published=NINE.astimezone(summer)), updated=NINE.astimezone(summer))) == first
    )
    monkeypatch.setitem(os.environ, "TZ", "Pacific/Auckland")
    time.tzset()
    try:
        assert rss(feed(entry(picture=PICTURE))) == first
    finally:
        monkeypatch.undo()
        time.tzset()


def test_entries_of_one_second_both_arrive_in_order() -> None:
    two = replace(entry(), guid=UUID(int=2), title="Second")
    assert [one.title for one in feedparser.parse(rss(feed(entry(), two))).entries] == ["News", "Second"]


def test_picture_is_in_the_html_and_as_media_with_its_alternative_text() -> None:
    data = rss(feed(entry(picture=PICTURE)))
    media = item(data).find("media:content", NAMES)
    assert media.attrib == {
        "url": PICTURE.url,
        "type": "image/jpeg",
        "medium": "image",
        "fileSize": "81234",
        "width": "1200",
        "height": "800",
    }
    assert media.findtext("media:description", None, NAMES) == PICTURE.alt
    read = feedparser.parse(data).entries[0]
    assert read.media_content[0]["url"] == PICTURE.url
    html = item(data).findtext("content:encoded", None, NAMES)
    assert html.startswith(
        '<p><img src="https://promenade.example/media/pier.jpg?a=1&amp;b=2" '
        'alt="The pier &amp; its &quot;lights&quot; &lt;at dusk&gt;" width="1200" height="800"></p>'
    )


def test_title_is_escaped_once_with_numeric_references() -> None:
    data = rss(feed(entry(title="R&D: <3 nurses & co")))
    assert b"<title>R&#x26;D: &#x3C;3 nurses &#x26; co</title>" in data
    assert b"&amp;" not in data
    assert feedparser.parse(data).entries[0].title == "R&D: <3 nurses & co"


def test_cdata_end_in_html_stays_whole() -> None:
    html = "<pre>if (a[b[0]]>1) ]]]]>> ]]></pre>"
    assert item(rss(feed(entry(html=html)))).findtext("content:encoded", None, NAMES) == html


def test_forbidden_characters_go_everywhere() -> None:
    bad = "a\x00\x0b\x1f\ud800\ufffeb"
    picture = replace(PICTURE, alt=bad)
    data = rss(feed(entry(title=bad, summary=bad, html=bad, author=bad, tags=(bad,), picture=picture), title=bad))
    found = item(data)
    assert found.findtext("title") == found.findtext("description") == found.findtext("category") == "ab"
    assert found.findtext("dc:creator", None, NAMES) == "ab"
    assert found.findtext("content:encoded", None, NAMES).endswith("\nab")


@pytest.mark.parametrize("words", ["👩‍⚕️ nurses 🎉", "مرحبا بكم في الفريق", "שלום \u200fעולם", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢", "e\u0301"])
def test_emoji_and_right_to_left_text_arrive(words: str) -> None:
    read = feedparser.parse(rss(feed(entry(title=words, summary=words, html=f"<p>{words}</p>"))))
    assert not read.bozo
    assert read.entries[0].title == words
    assert read.entries[0].summary == words
    assert read.entries[0].content[0].value == f"<p>{words}</p>"


def test_description_is_taken_from_the_html_where_no_summary_was_written() -> None:
    data = rss(feed(entry(summary="", html="<h2>Tea</h2>\n<p>with <b>cake</b> &amp; jam</p>")))
    assert item(data).findtext("description") == "Tea with cake &amp; jam"


WORDS = [
    "A&E",
    "R&D",
    "5 < 6 > 4",
    "Use <b> & co",
    'Tom & Jerry\'s "x"',
    "&amp; as it is",
    "AT&T;",
    "<script>x</script>",
]


@pytest.mark.parametrize("words", WORDS)
def test_words_in_a_description_are_html_there(words: str) -> None:
    """The W3C validator warns of anything else (NotHtml)."""
    data = rss(feed(entry(summary=words), description=words))
    escaped = entities.escape(words, quote=False)
    assert item(data).findtext("description") == tree(data).findtext("channel/description") == escaped


@pytest.mark.parametrize("words", WORDS)
def test_a_reader_shows_every_text_as_it_was_written(words: str) -> None:
    written = entry(title=words, summary=words, author=words, tags=(words,), html=f"<p>{entities.escape(words)}</p>")
    read = feedparser.parse(rss(feed(written, title=words, description=words)))
    one = read.entries[0]
    assert [one.title, one.author, one.tags[0].term, read.feed.title] == [words] * 4
    assert one.summary_detail.type == read.feed.subtitle_detail.type == "text/html"
    assert [entities.unescape(html) for html in (one.summary, read.feed.subtitle)] == [words] * 2
    assert text.words(one.content[0].value) == words


def test_nameless_entry_names_nobody() -> None:
    assert item(rss(feed(entry(author="")))).find("dc:creator", NAMES) is None


anything = st.text(st.characters(codec=None, exclude_categories=[]), max_size=60)
hostile = st.sampled_from(["]]>", "<![CDATA[", "&amp;", "&#0;", "<!--", "<?xml", "\r\n", "\x00", "</title>", "\ud83d"])
pieces = st.lists(anything | hostile, max_size=6).map("".join)


@given(title=pieces, html=pieces, summary=pieces, tag=pieces)
def test_any_text_gives_a_well_formed_feed_that_says_the_same(title: str, html: str, summary: str, tag: str) -> None:
    data = rss(feed(entry(title=title, html=html, summary=summary, tags=(tag,), author=tag), title=title))
    found = item(data)
    assert (found.findtext("title") or "") == text.one_line(title)
    assert (found.findtext("content:encoded", None, NAMES) or "") == text.clean(html)
    assert (found.findtext("category") or "") == text.one_line(tag)


@given(markdown=pieces)
def test_any_markdown_reaches_the_reader_without_script(markdown: str) -> None:
    html = text.html(markdown, base="https://promenade.example/")
    encoded = item(rss(feed(entry(html=html)))).findtext("content:encoded", None, NAMES) or ""
    assert encoded == html
    assert "<script" not in encoded.lower()


def test_times_are_utc() -> None:
    far = datetime(2026, 7, 1, 9, 0, tzinfo=timezone(timedelta(hours=1)))
    found = item(rss(feed(entry(published=far, updated=far))))
    assert found.findtext("pubDate") == "Wed, 01 Jul 2026 08:00:00 +0000"
    assert datetime.fromisoformat(found.findtext("atom:updated", "", NAMES)).astimezone(UTC) == far
