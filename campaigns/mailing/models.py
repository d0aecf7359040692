"""Mailing lists, and the addresses on them."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils import timezone
from encrypted_fields.fields import EncryptedTextField

from campaigns.planning import organisation_clock
from campaigns.planning.models import Audience


class MailingList(models.Model):
    """Who gets mail together. Everyone may ask for a public list; a list for staff is filled by the house."""

    name = models.CharField(max_length=200, unique=True)
    audience = models.CharField(max_length=10, choices=Audience.choices, help_text="Never changes.")
    from_name = models.CharField(max_length=200, help_text="The sender name that readers see.")
    description = models.TextField(max_length=2000, blank=True, help_text="What readers get, and how often.")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SubscriberStatus(models.TextChoices):
    PENDING = "pending", "Not confirmed yet"
    SUBSCRIBED = "subscribed", "Subscribed"
    UNSUBSCRIBED = "unsubscribed", "Unsubscribed"
    BOUNCED = "bounced", "Bounced"


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def joined_since(self, day: date) -> SubscriberQuerySet:
        """Who confirmed from the beginning of that day on the organisation's clock."""
        return self.filter(confirmed_at__gte=organisation_clock.start_of(day))


class Subscriber(models.Model):
    """One address on one list. The tokens of its links are found by their hashes and kept encrypted, because each mail
    carries one of them."""

    mailing_list = models.ForeignKey(MailingList, on_delete=models.PROTECT, related_name="subscribers")
    address = models.CharField(max_length=254, help_text="In lower case, its domain in ASCII.")
    status = models.CharField(max_length=20, choices=SubscriberStatus.choices, default=SubscriberStatus.PENDING)
    token = EncryptedTextField(editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    confirmation = EncryptedTextField(null=True, editable=False)
    confirmation_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)
    requested_at = models.DateTimeField(null=True, editable=False, help_text="When a confirmation was asked for last.")
    confirmed_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mailing_list", "address"], name="mailing_subscriber_once_a_list")
        ]
        indexes = [
            models.Index(fields=["mailing_list", "status"], name="mailing_subscriber_status"),
            models.Index(fields=["status", "confirmed_at"], name="mailing_subscriber_joined"),
        ]

    def __str__(self) -> str:
        return f"Subscriber {self.pk}"


class SubscriptionRequest(models.Model):
    """Somebody typed an address into the form, and no worker has looked at it yet. The form writes the same row whether
    the address is known or not, so that how long it takes tells nothing."""

    mailing_list = models.ForeignKey(MailingList, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=254)
    requested_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"Subscription request {self.pk}"
