"""Finding content by the words of its title, summary, tags and reference.

Each word is one indexed row, so that what a search costs follows from how many rows it looks at (LOOKED_AT for each
word), and not from how many there are.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import regex
from django.db.models import Q, QuerySet

from campaigns.planning.models import Content, SearchWord, Vacancy

WORDS_AT_MOST = 6
"""Of what somebody typed; more words find nothing that these do not."""
LOOKED_AT = 2000
"""Rows for each word, the newest content first."""
LENGTH, STEM = 40, 3
"""Letters of a word, and of its beginning, that are kept."""
_WORD = regex.compile(r"[\p{L}\p{N}]+")


def words_of(text: str) -> list[str]:
    """The words of a text in the form in which they are compared: lower case, without accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [word[:LENGTH] for word in _WORD.findall(bare)]


def index(row: Content) -> None:
    """Write the words under which this row is found; words that it has no longer go. Twice changes nothing."""
    wanted = words_of_row(row)
    had = set(row.search_words.values_list("word", flat=True))
    if had - wanted:
        row.search_words.filter(word__in=had - wanted).delete()
    SearchWord.objects.bulk_create(rows(row.pk, wanted - had))


def words_of_row(row: Content) -> set[str]:
    texts = [row.title, row.summary, *row.tags]
    if isinstance(row, Vacancy):
        texts += [row.reference, row.location]
    return set(words_of(" ".join(texts)))


def rows(content_id: int, words: Iterable[str]) -> list[SearchWord]:
    return [SearchWord(content_id=content_id, word=word, stem=word[:STEM]) for word in sorted(words)]


def content(typed: str, *, limit: int) -> QuerySet[Content]:
    """The newest content, at most `limit`, that has every word that was typed; the last may be the beginning of one,
    from its third letter on. Nothing typed finds nothing."""
    words = words_of(typed)[:WORDS_AT_MOST]
    found: set[int] = set()
    for position, word in enumerate(words):
        having = set(_having(word, beginning=position == len(words) - 1))
        found = having if position == 0 else found & having
    newest = sorted(found, reverse=True)[:limit]
    return Content.objects.filter(pk__in=newest).order_by("-pk")


def _having(word: str, *, beginning: bool) -> QuerySet[SearchWord, int]:
    """Ids of the newest content that has this word."""
    wanted = Q(stem=word[:STEM], word__startswith=word) if beginning and len(word) >= STEM else Q(word=word)
    return SearchWord.objects.filter(wanted).order_by("-content_id").values_list("content_id", flat=True)[:LOOKED_AT]
