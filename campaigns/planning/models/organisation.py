from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone

from campaigns.planning.zones import validate_zone
from media.models import Picture


class Organisation(models.Model):
    """The one organisation that this installation serves; its row has id 1 and is made on first reading."""

    name = models.CharField(max_length=200, default="Our organisation")
    accent = models.CharField(
        max_length=7,
        blank=True,
        validators=[
            RegexValidator(r"^#[0-9a-f]{6}\Z", "Enter a colour as # and 6 hexadecimal digits, for example #0b5a66.")
        ],
        help_text="The organisation's colour, such as #0b5a66; empty means the house's own.",
    )
    logo = models.ForeignKey(Picture, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    zone = models.CharField(
        max_length=64,
        default="Europe/London",
        validators=[validate_zone],
        help_text="Whose clock says what day it is, and when an event begins; a name of IANA's.",
    )
    approves_own_edits = models.BooleanField(
        default=False, help_text="Whether people may approve what they last edited themselves."
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="planning_organisation_single")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> Organisation:
        return cls.objects.select_related("logo").get_or_create(pk=1)[0]


class Team(models.Model):
    """A team that hires, hosts events and stands in the spotlight."""

    name = models.CharField(max_length=200, unique=True)
    location = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
