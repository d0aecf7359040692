from __future__ import annotations

from django.db import models

from campaigns.planning.models.content import Content


class BlogEntry(Content):
    body = models.TextField(max_length=100_000, help_text="Markdown.")
    author_line = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name_plural = "blog entries"
