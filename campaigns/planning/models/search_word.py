from __future__ import annotations

from django.db import models

from campaigns.planning.models.content import Content


class SearchWord(models.Model):
    """One word under which a content is found; written by campaigns.planning.search alone."""

    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="search_words")
    word = models.CharField(max_length=40)
    stem = models.CharField(max_length=3, help_text="Its first letters: the same in every database's order of words.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["content", "word"], name="planning_search_word_once")]
        indexes = [
            models.Index(fields=["word", "-content"], name="planning_search_word"),
            models.Index(fields=["stem", "-content"], name="planning_search_stem"),
        ]

    def __str__(self) -> str:
        return self.word
