"""Pictures. Where a picture shows a person, that person's consent decides; until consent can be recorded here,
such pictures are refused."""

from __future__ import annotations

from pathlib import PurePath

from django.conf import settings
from django.db import models
from django.utils import timezone


class Picture(models.Model):
    """One uploaded picture, re-encoded without metadata. Width and height in pixels, size in bytes."""

    file = models.ImageField(upload_to="pictures/%Y/%m", width_field="width", height_field="height", max_length=200)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    size = models.PositiveIntegerField(editable=False)
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    alt_text = models.CharField(max_length=1000)
    credit = models.CharField(max_length=200, blank=True)
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.alt_text[:80]

    @property
    def extension(self) -> str:
        """jpg, png: the ending of the kept file, which tells its format."""
        return PurePath(self.file.name or "").suffix.lstrip(".").lower().replace("jpeg", "jpg")

    @property
    def path(self) -> str:
        """Where the site shows it."""
        return f"/pictures/{self.pk}.{self.extension}"


class PictureUse(models.Model):
    """A row of a room above that shows a picture. `kind` says what the row is, in that room's words; `media.uses` is
    the only writer."""

    picture = models.ForeignKey(Picture, on_delete=models.PROTECT, related_name="uses")
    kind = models.CharField(max_length=20)
    row_id = models.PositiveBigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "row_id", "picture"], name="media_picture_use_once")]

    def __str__(self) -> str:
        return f"{self.picture_id} in {self.kind} {self.row_id}"
