"""Write once, adapt a channel, see it as it will look, schedule it: with every save told, and nothing lost."""

from __future__ import annotations

from datetime import time
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from backend.accounts.models import User
from campaigns.planning.models import Content, Publication
from campaigns.planning.services import compositions
from campaigns.planning.services.timing import quiet_periods, slots
from media.services import add_picture
from scheduler.connections import services as connections
from scheduler.connections.models import Connection
from scheduler.engine.models import Attempt
from tests import factories
from tests.console.compose.composing import Composer, website, words, x

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
AT = "2026-03-04T09:00"


@pytest.fixture
def at(client: Client, comms: User) -> Any:
    return lambda row, who=comms: Composer(client, who, row)


def test_what_is_typed_is_saved_and_shown_as_each_channel_will(at: Any) -> None:
    row, channel, site = factories.blog_entry(title="A day on the ward", summary="Tea at seven."), x(), website()
    composer = at(row)
    form = composer.form(channels=[channel.pk, site.pk], times=[AT])
    form[f"wording-{channel.pk}"] = "Come and see https://example.org/jobs today."
    shown = words(composer.save(form))
    assert "Saved 09:00" in shown
    assert 'Come and see <span class="linked">https://example.org/jobs</span> today.' in shown
    assert "of 280 characters" in shown
    assert "$0.20" in shown
    assert f'src="/drafts/{row.pk}?channel={site.pk}"' in shown
    assert 'name="version" value="1"' in shown
    kept = compositions.composition_of(row)
    assert kept.times == [AT]
    assert [each.wording for each in compositions.channel_texts(kept)] == [form[f"wording-{channel.pk}"], ""]


def test_the_common_text_goes_to_the_content(at: Any) -> None:
    row = factories.event(title="Pop-up by the sea")
    composer = at(row)
    assert composer.save(composer.form(title="Pop-up by the pier", summary="Ice cream.")).status_code == 200
    row.refresh_from_db()
    assert (row.title, row.summary) == ("Pop-up by the pier", "Ice cream.")


def test_typing_takes_no_approval_away_until_it_is_asked_for(at: Any) -> None:
    row = factories.approved_blog_entry(title="A day on the ward")
    composer = at(row)
    form = composer.form(title="A night on the ward")
    shown = words(composer.save(form))
    assert "Saved 09:00, without the common text" in shown
    assert "has not been saved" in shown
    refused = composer.send(form, "save")
    assert refused.status_code == 422
    assert 'value="A night on the ward"' in words(refused)
    assert Content.objects.get(pk=row.pk).title == "A day on the ward"
    composer.save(form | {"text_too": "1"})
    row.refresh_from_db()
    assert (row.title, row.state) == ("A night on the ward", "in_review")


def test_what_does_not_fit_says_how_much_is_too_many_and_is_not_scheduled(at: Any) -> None:
    row, channel = factories.blog_entry(), x()
    composer = at(row)
    form = composer.form(channels=[channel.pk], times=[AT]) | {f"wording-{channel.pk}": "a" * 300}
    assert "over the limit for X, which is 280" in words(composer.save(form))
    answer = composer.send(composer.form(channels=[channel.pk], times=[AT]) | form | {"version": "1"}, "submit")
    assert answer.status_code == 422
    assert "There is a problem" in words(answer)
    assert "a" * 300 in words(answer)
    assert not Publication.objects.exists()


def test_scheduling_and_sending_for_approval_is_one_press(at: Any) -> None:
    row, channel = factories.blog_entry(), x()
    composer = at(row)
    page = words(composer.send(composer.form(channels=[channel.pk], times=[AT, "2026-03-05T09:00"]), "submit"))
    assert "Scheduled: X, Wed 4 Mar 09:00, and 1 more. Sent for approval." in page
    assert "Already scheduled" in page
    assert Content.objects.get(pk=row.pk).state == "in_review"
    assert Publication.objects.count() == 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"times": [AT]}, "Choose at least one channel."),
        ({"channels": True}, "Choose when to publish."),
        ({"channels": True, "times": ["2020-01-01T09:00"]}, "X: This time has passed."),
        ({"channels": True, "times": ["soon"]}, "Enter a date and time"),
        ({"channels": True, "when": "slot"}, "X has no slots."),
        ({"channels": True, "times": [AT], "late_after": "-1"}, "Enter a number of minutes from 0"),
        ({"channels": True, "times": [AT], "title": " "}, "This must not be empty."),
        ({"channels": True, "times": [AT], "when": "never"}, "is not a valid choice"),
        ({"channels": True, "times": [AT], "zone": "Mars"}, "There is no time zone"),
    ],
)
def test_bad_input_keeps_what_was_typed(at: Any, typed: dict[str, Any], sentence: str) -> None:
    channel = x()
    composer = at(factories.blog_entry())
    form = composer.form(**typed | ({"channels": [channel.pk]} if "channels" in typed else {}))
    form[f"wording-{channel.pk}"] = "Typed with care."
    answer = composer.send(form, "schedule")
    assert answer.status_code == 422
    page = words(answer)
    assert sentence.replace("'", "&#x27;") in page
    assert "Typed with care." in page
    assert not Publication.objects.exists()


def test_two_versions_are_both_shown_and_one_is_chosen(client: Client, comms: User, approver: User) -> None:
    row, channel = factories.blog_entry(), x()
    amara = Composer(client, comms, row)
    mine = amara.form(channels=[channel.pk]) | {f"wording-{channel.pk}": "Tea at seven."}
    tom = Composer(Client(), approver, row)
    tom.save(tom.form(channels=[channel.pk]) | {f"wording-{channel.pk}": "Tea at eight."})
    answer = amara.save(mine)
    assert (answer.status_code, answer.headers["HX-Reswap"]) == (409, "none")
    page = words(answer)
    assert "The other version is by Tom Whitfield." in page
    assert 'Tea at <del><span class="hidden">Removed: </span>eight' in page
    assert compositions.channel_texts(compositions.composition_of(row))[0].wording == "Tea at eight."
    plain = amara.client.post(amara.address, mine | {"do": "save"})
    assert plain.status_code == 409
    assert "Tea at seven.</textarea>" in words(plain)
    over = page.split('name="over" value="')[1].split('"')[0]
    assert amara.save(mine | {"over": over}).status_code == 200
    assert compositions.channel_texts(compositions.composition_of(row))[0].wording == "Tea at seven."


def test_a_common_text_that_somebody_else_changed_is_not_overwritten(
    client: Client, comms: User, approver: User
) -> None:
    row = factories.blog_entry(title="A day on the ward")
    amara = Composer(client, comms, row)
    mine = amara.form(title="A night on the ward")
    tom = Composer(Client(), approver, row)
    tom.save(tom.form(title="A week on the ward"))
    assert amara.save(mine).status_code == 409
    assert Content.objects.get(pk=row.pk).title == "A week on the ward"


def test_free_slots_price_and_cap_are_told(at: Any) -> None:
    channel = x(monthly_cap=100)
    slots.add_slot(channel=channel, weekday="TU", time=time(10), zone="Europe/London")
    composer = at(factories.blog_entry())
    form = composer.form(channels=[channel.pk], when="slot") | {f"wording-{channel.pk}": "See https://example.org/"}
    shown = words(composer.save(form))
    assert "tomorrow 10:00" in shown
    assert "Price: <strong>$0.20</strong>" in shown
    assert "this costs $0.20. Posts over the cap are put on hold" in shown


def test_pictures_are_offered_and_kept_with_their_words(at: Any, comms: User) -> None:
    file = BytesIO()
    Image.new("RGB", (60, 40), "green").save(file, "PNG")
    file.seek(0)
    picture = add_picture(file=file, alt_text="The pier at noon.", shows_people=False, by=comms)
    row, channel = factories.blog_entry(), x()
    composer = at(row)
    composer.save(composer.form(channels=[channel.pk]))
    assert "The pier at noon." not in composer.open()
    assert "The pier at noon." in composer.open(f"?pictures={channel.pk}")
    shown = words(composer.save(composer.form(channels=[channel.pk]) | {f"pictures-{channel.pk}": [picture.pk]}))
    assert f'<img src="{picture.path}" alt="The pier at noon."' in shown
    [kept] = compositions.channel_texts(compositions.composition_of(row))
    assert list(kept.pictures) == [picture]


def test_times_are_read_and_shown_on_the_clock_of_whoever_opens_the_page(
    client: Client, comms: User, approver: User
) -> None:
    row, channel = factories.blog_entry(), x()
    london = Composer(client, comms, row)
    london.save(london.form(channels=[channel.pk], times=[AT]))
    User.objects.filter(pk=approver.pk).update(zone="Europe/Madrid")
    madrid = Composer(Client(), approver, row)
    page = madrid.open()
    assert 'name="times" value="2026-03-04T10:00"' in page
    assert "(<span data-zone>Madrid time</span>)" in page
    madrid.send(madrid.form(channels=[channel.pk], times=["2026-03-05T09:00"]), "schedule")
    assert f"{Publication.objects.get().publish_at:%d %H:%M}" == "05 08:00"


def test_all_channels_can_be_found_and_a_chosen_one_is_never_dropped(at: Any) -> None:
    row = factories.blog_entry()
    for number in range(60):
        factories.channel(name=f"Board {number:02}")
    zebra, connected, yak = factories.channel(name="Zebra"), x(), factories.channel(name="Yak board")
    composer = at(row)
    composer.save(composer.form(channels=[zebra.pk]) | {f"wording-{zebra.pk}": "Stripes."})
    page = composer.open()
    assert "There are more channels." in page
    assert f'value="{zebra.pk}" data-channel="{zebra.pk}" checked' in page
    assert f'data-channel="{connected.pk}"' in page
    assert f'data-channel="{yak.pk}"' not in page
    assert f'data-channel="{yak.pk}"' in composer.open("?channel=yak")
    composer.save(composer.form(channels=[zebra.pk], title="Another title") | {f"wording-{zebra.pk}": "Stripes."})
    assert [each.wording for each in compositions.channel_texts(compositions.composition_of(row))] == ["Stripes."]


def test_text_of_a_channel_that_is_unticked_is_kept_until_it_is_scheduled(at: Any) -> None:
    row, channel, other = factories.blog_entry(), x(), website()
    composer = at(row)
    own = {f"wording-{channel.pk}": "Come and see."}
    composer.save(composer.form(channels=[channel.pk, other.pk]) | own)
    composer.save(composer.form(channels=[other.pk], times=[AT]) | own)
    assert [each.channel for each in compositions.channel_texts(compositions.composition_of(row))] == [other]
    page = composer.open()
    assert "Come and see.</textarea>" in page
    assert f'data-channel="{channel.pk}" checked' not in page
    composer.send(composer.form(channels=[other.pk], times=[AT]) | own, "schedule")
    assert "Come and see.</textarea>" not in composer.open()


def test_a_word_to_the_approver_goes_with_it(at: Any) -> None:
    row, channel = factories.blog_entry(), x()
    composer = at(row)
    assert 'name="comment"' in composer.open()
    form = composer.form(channels=[channel.pk], times=["2020-01-01T09:00"], comment="The date is new.")
    assert 'value="The date is new."' in words(composer.send(form, "submit"))
    composer.send(composer.form(channels=[channel.pk], times=[AT], comment="The date is new."), "submit")
    assert Content.objects.get(pk=row.pk).moves.latest("pk").comment == "The date is new."


def test_content_for_staff_is_offered_no_public_channel(at: Any) -> None:
    x()
    page = at(factories.bulletin()).open()
    assert "there is no staff channel yet" in page
    assert 'name="channels"' not in page


def test_who_else_is_here_is_named(client: Client, comms: User, approver: User) -> None:
    row = factories.blog_entry()
    Composer(client, comms, row)
    address = f"/console/compose/{row.pk}/presence"
    assert "here" not in words(client.post(address))
    other = Client()
    other.force_login(approver)
    assert "Amara Osei is here too" in words(other.post(address))


def test_the_month_on_a_channel_that_charges_stands_beside_its_cap(at: Any) -> None:
    channel, other = x(monthly_cap=400), factories.channel()
    for days in (1, 2, 40):
        entry = factories.blog_entry(summary="See https://example.org/")
        post = factories.publication(of=entry, on=channel, publish_at=factories.in_days(days))
    Attempt.objects.create(
        publication=post, fence=1, price=15, outcome="sent", worker="w", started_at=factories.in_days(0)
    )
    composer = at(factories.blog_entry())
    month = f'data-tab="{channel.pk}" hidden><a href="/console/channels/{channel.pk}/spending">This month on X</a>: '
    assert f"{month}$0.015 spent, $0.40 scheduled, of a cap of $0.40." in composer.open()
    assert "Over the cap" in composer.open()
    composer.save(composer.form(channels=[channel.pk, other.pk]))
    assert month.replace(" hidden>", " >") in composer.open()
    Connection.objects.update(monthly_cap=None)
    page = composer.open()
    assert "$0.40 scheduled, no cap." in page
    assert "Over the cap" not in page


@pytest.mark.parametrize("query", ["", "?pictures={}"])
@pytest.mark.parametrize("kind", ["vacancy", "bulletin"])
def test_slots_pictures_and_sections_stay_within_the_queries_too(at: Any, kind: str, query: str) -> None:
    feed = factories.channel(name="Staff feed", category="feed", audience="staff")
    connections.connect_channel(channel=feed, kind="bulletin", settings={}, secrets={})
    channels = [x(monthly_cap=5000), website(), feed, *(factories.channel() for _ in range(3))]
    known = {"campaign": factories.campaign(), "picture": factories.picture()}
    spotlight = {"kind": "spotlight", "heading": "In the spotlight", "body": "They learn.", "team": factories.team()}
    if kind == "vacancy":
        row: Any = factories.vacancy(**known, team=factories.team())
    else:
        row = factories.bulletin(**known, audience="public", sections=[spotlight, spotlight])
    pictures = [factories.picture(), factories.picture()]
    for each in channels:
        slots.add_slot(channel=each, weekday="TU", time=time(10), zone="Europe/London")
        quiet_periods.add_quiet_period(
            channel=each,
            kind="quiet",
            weekdays=["TU"],
            from_time=time(9),
            to_time=time(11),
            zone="Europe/London",
            by=None,
        )
        slots.add_slot(channel=each, weekday="WE", time=time(10), zone="Europe/London")
        factories.publication(of=row, on=each)
    composer = at(row)
    form = composer.form(channels=[each.pk for each in channels], when="slot")
    form |= {f"pictures-{each.pk}": [picture.pk for picture in pictures] for each in channels}
    assert composer.save(form).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        page = composer.open(query.format(feed.pk))
    assert page.count("Wed 4 Mar 10:00") == len(channels)
    assert len(queries) <= 12, "\n".join(query["sql"][:160] for query in queries)


def test_the_page_stays_within_its_queries(at: Any) -> None:
    channels = [x(monthly_cap=5000), website(), *(factories.channel() for _ in range(6))]
    row = factories.vacancy(campaign=factories.campaign(), team=factories.team())
    composer = at(row)
    form = composer.form(channels=[each.pk for each in channels], times=[AT])
    assert composer.save(form).status_code == 200
    with CaptureQueriesContext(connection) as queries:
        composer.open()
    assert len(queries) <= 12, "\n".join(query["sql"][:160] for query in queries)
