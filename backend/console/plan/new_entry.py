"""Adding to the plan on a day: a post, or an event. What they need beyond that is written afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import forms as fields
from django.utils import timezone

from backend.accounts.models import User
from backend.console.frame import forms
from campaigns.planning.models import Campaign, Channel, EventKind
from campaigns.planning.services import events, posts


def chosen(label: str, rows: Iterable[tuple[int, str]], *, required: bool = True, **options: Any) -> Any:
    """One of some rows, by id."""
    choices = [("", "Choose" if required else "None"), *((str(pk), name) for pk, name in rows)]
    return fields.TypedChoiceField(
        label=label, choices=choices, coerce=int, empty_value=None, required=required, **options
    )


class AddForm(forms.Form):
    """What both have in common."""

    title = fields.CharField(label="Title", max_length=200)
    day = forms.DayField(label="Day")
    campaigns: Iterable[tuple[int, str]]

    def __init__(self, data: Any = None, *, campaigns: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields["campaign"] = chosen("Campaign", campaigns, required=False)

    @property
    def campaign_id(self) -> int | None:
        found: int | None = self.cleaned_data["campaign"]
        return found

    def at(self, name: str) -> datetime:
        return datetime.combine(self.cleaned_data["day"], self.cleaned_data[name])


class PostForm(AddForm):
    body = forms.LongTextField(label="Text", rows=3, help_text="One sentence is enough. It is saved as a draft.")
    time = forms.TimeField(label="Time")

    def __init__(self, data: Any = None, *, channels: Iterable[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(data, prefix="post", **kwargs)
        self.fields["channel"] = chosen("Channel", channels)
        self.order_fields(["title", "body", "channel", "day", "time", "campaign"])

    def save(self, *, by: User) -> str:
        row = posts.plan_post(
            title=self.cleaned_data["title"],
            body=self.cleaned_data["body"],
            campaign_id=self.campaign_id,
            channel=Channel.objects.get(pk=self.cleaned_data["channel"]),
            publish_at=self.at("time"),
            zone=timezone.get_current_timezone_name(),
            by=by,
        )
        return f"“{row.content.title}” has been added as a draft. It is only published once it is approved."


class EventForm(AddForm):
    event_kind = fields.ChoiceField(label="Kind of event", choices=EventKind.choices)
    place = fields.CharField(label="Place", max_length=300)
    starts = forms.TimeField(label="From")
    ends = forms.TimeField(label="To")

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, prefix="event", **kwargs)
        self.order_fields(["title", "event_kind", "place", "day", "starts", "ends", "campaign"])

    def save(self, *, by: User) -> str:
        row = events.plan_event(
            title=self.cleaned_data["title"],
            event_kind=self.cleaned_data["event_kind"],
            place=self.cleaned_data["place"],
            starts_at=self.at("starts"),
            ends_at=self.at("ends"),
            campaign_id=self.campaign_id,
            by=by,
        )
        return f"The event “{row.title}” has been added as a draft."


def add_forms(
    day: date | None,
    *,
    channels: Iterable[tuple[int, str]],
    campaigns: list[tuple[int, str]],
    campaign: int | None = None,
    channel: int | None = None,
) -> tuple[PostForm, EventForm]:
    """Empty ones for this day."""
    about = {"day": day or timezone.localdate(), "campaign": campaign}
    post = PostForm(campaigns=campaigns, channels=channels, initial={**about, "channel": channel, "time": "09:00"})
    return post, EventForm(campaigns=campaigns, initial={**about, "starts": "10:00", "ends": "12:00"})


def known_channels() -> list[tuple[int, str]]:
    return list(Channel.objects.filter(active=True).values_list("pk", "name"))


def known_campaigns() -> list[tuple[int, str]]:
    return list(Campaign.objects.values_list("pk", "name"))
