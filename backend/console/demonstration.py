"""The demonstration: Langley Green's autumn of 2018, and a few publications that go out while one watches.

What it says of organisations comes from a published report on staff wellbeing and recruitment in UK mental health
services. Dates that the report does not give, and all people, are invented and say so.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from backend.accounts.models import Role, User
from campaigns.bulletins import services as bulletins
from campaigns.hiring import links
from campaigns.hiring.services import candidates, hires, touches
from campaigns.planning import organisation_clock
from campaigns.planning.models import (
    Audience,
    Campaign,
    Channel,
    Content,
    Event,
    EventKind,
    Organisation,
    Publication,
    StaffGroup,
    Team,
    Vacancy,
    VacancyStatus,
)
from campaigns.planning.services import blog_entries, compositions, content, events, publications, vacancies
from campaigns.planning.services import campaigns as campaigns_services
from campaigns.planning.services import channels as channels_services
from campaigns.planning.services import organisation as organisation_services
from campaigns.website import addresses
from scheduler.connections import services as connections
from scheduler.posts import manual_publishing

SLUG = "langley-green-autumn-2018"
INVENTED = "\n\n*The dates and the people in this demonstration are invented.*"


def is_loaded() -> bool:
    return Campaign.objects.filter(slug=SLUG).exists()


@transaction.atomic
def load() -> bool:
    """Load the demonstration once; False when it is there already, and then nothing is changed."""
    if is_loaded():
        return False
    _Demonstration().tell()
    return True


class _Demonstration:
    def __init__(self) -> None:
        self.comms = self._person("Casey Example", "casey.example@promenade.example", Role.COMMS)
        self.approver = self._person("Ade Example", "ade.example@promenade.example", Role.APPROVER)
        self.hr = self._person("Robin Example", "robin.example@promenade.example", Role.HR)

    @staticmethod
    def _person(name: str, email: str, role: Role) -> User:
        found = User.objects.filter(email=email).first()
        return found or User.objects.create_person(email=email, name=name, role=role)

    def tell(self) -> None:
        organisation = Organisation.current()
        if organisation.name == "Our organisation":
            organisation_services.change_organisation(
                organisation=organisation, changes={"name": "Sussex Partnership (demonstration)"}
            )
        self.team = Team.objects.filter(name="Langley Green Hospital").first() or organisation_services.add_team(
            name="Langley Green Hospital", location="Crawley"
        )
        self.channels()
        self.campaign = campaigns_services.add_campaign(
            name="Langley Green nursing, autumn 2018",
            slug=SLUG,
            purpose=Campaign.Purpose.RECRUITMENT,
            summary="Vacancies told openly on Twitter and on the hospital's blog.",
            starts_on=date(2018, 9, 1),
            ends_on=date(2018, 10, 31),
            hashtags=["MentalHealthNursing"],
        )
        nursing = self.past_vacancy()
        posts = self.past_posts(nursing)
        self.pop_up()
        self.hires(nursing, posts)
        self.coming_up()
        self.coming_weeks()

    def channels(self) -> None:
        C = Channel.Category  # noqa: N806 - a short name for the table below
        self.twitter = self._channel("X (Twitter)", "x", C.SOCIAL)
        self.blog = self._channel("Hospital blog", "hospital-blog", C.BLOG)
        self.feed = self._channel("Staff bulletin", "staff-bulletin", C.FEED, Audience.STAFF)
        self.stall = self._channel("Pop-up recruitment event", "pop-up", C.EVENT)
        self._channel("Healing Minds (Channel 5)", "healing-minds", C.BROADCAST)
        self.whatsapp = self._channel("Leadership WhatsApp group", "leadership-whatsapp", C.STAFF_TOOL, Audience.STAFF)
        connections.connect_channel(channel=self.blog, kind="blog", settings={}, secrets={})
        connections.connect_channel(channel=self.feed, kind="bulletin", settings={}, secrets={})
        env = settings.ENV
        secrets = {
            "consumer_key": env.x_consumer_key,
            "consumer_secret": env.x_consumer_secret,
            "access_token": env.x_access_token,
            "access_token_secret": env.x_access_token_secret,
        }
        if all(secrets.values()):
            connections.connect_channel(
                channel=self.twitter, kind="x", settings={"api_base": env.x_api_base}, secrets=secrets
            )

    @staticmethod
    def _channel(name: str, slug: str, category: str, audience: str = Audience.PUBLIC) -> Channel:
        found = Channel.objects.filter(slug=slug).first()
        return found or channels_services.add_channel(name=name, slug=slug, category=category, audience=audience)

    def approved(self, row: Content) -> Content:
        shared = Content.objects.get(pk=row.pk)
        content.submit_content(content=shared, by=self.comms)
        return content.approve_content(content=shared, by=self.approver)

    def past_vacancy(self) -> Vacancy:
        return vacancies.plan_vacancy(
            by=self.comms,
            allow_past=True,
            title="Mental health nurses, Langley Green Hospital",
            summary="Come and nurse with us at Langley Green.",
            body="Langley Green tells its vacancies openly, on Twitter and on the hospital's blog." + INVENTED,
            campaign_id=self.campaign.pk,
            reference="DEMO-2018-NURSES",
            team_id=self.team.pk,
            staff_group=StaffGroup.NURSING,
            location="Crawley",
            opens_at=datetime(2018, 9, 1, 8, tzinfo=UTC),
            closes_at=datetime(2018, 10, 31, 23, 59, tzinfo=UTC),
            apply_url="https://jobs.example.org/demo-2018-nurses",
            headcount=13,
        )

    def past_posts(self, vacancy: Vacancy) -> list[Publication]:
        """Three posts on Twitter, recorded as published by hand: Promenade was not there in 2018."""
        shared = self.approved(vacancy)
        posts = []
        for day in (
            datetime(2018, 9, 4, 8, tzinfo=UTC),
            datetime(2018, 9, 18, 8, tzinfo=UTC),
            datetime(2018, 10, 2, 8, tzinfo=UTC),
        ):
            post = publications.schedule_publication(
                content=shared,
                channel=self.twitter,
                publish_at=day,
                zone=organisation_clock.organisation_zone_name(),
                allow_past=True,
                by=self.comms,
            )
            posts.append(manual_publishing.mark_published(publication=post, at=day, by=self.comms))
        return posts

    def pop_up(self) -> Event:
        event = events.plan_event(
            by=self.comms,
            allow_past=True,
            title="Fish and chips by the sea",
            summary="Meet our nurses over fish and chips.",
            body="Sussex Partnership holds pop-up recruitment events, such as this one." + INVENTED,
            campaign_id=self.campaign.pk,
            event_kind=EventKind.POP_UP,
            place="By the sea, Sussex",
            starts_at=datetime(2018, 9, 22, 11, tzinfo=UTC),
            ends_at=datetime(2018, 9, 22, 14, tzinfo=UTC),
            host_team_id=self.team.pk,
        )
        shared = self.approved(event)
        links.make_link(channel=self.stall, content=shared, page_url=addresses.page_of(shared))
        return event

    def hires(self, vacancy: Vacancy, posts: list[Publication]) -> None:
        """Thirteen nurses joined in September and October 2018, three of them through Twitter. How the other ten heard
        of it is not known, and so it is not recorded."""
        for number in range(13):
            joined = date(2018, 9, 10) + timedelta(days=4 * number)
            applied = datetime(2018, 9, 5, 9, tzinfo=UTC) + timedelta(days=3 * number)
            through_twitter = number % 5 == 1
            candidate = candidates.add_candidate(
                reference=f"DEMO-{number + 1:02}",
                vacancy=vacancy,
                stated_channel=self.twitter if through_twitter else None,
                applied_at=min(applied, datetime.combine(joined, datetime.min.time(), UTC) - timedelta(days=2)),
                by=self.hr,
            )
            if through_twitter:
                post = posts[number // 5]
                link = links.link_for_publication(publication=post, page_url=addresses.page_of(post.content))
                touches.add_touch(candidate=candidate, link_code=link.code, at=post.publish_at + timedelta(hours=2))
            hires.record_hire(candidate=candidate, accepted_on=joined, started_on=joined, by=self.hr)
        vacancies.end_vacancy(vacancy=vacancy, status=VacancyStatus.FILLED, by=self.hr)

    def coming_up(self) -> None:
        """Five publications within two minutes: website and bulletin go out, X says that it is not connected."""
        now = timezone.now()
        morning = datetime.combine(organisation_clock.day_of(now), time.min)
        entry = blog_entries.plan_blog_entry(
            by=self.comms,
            title="Why we tell everyone about our vacancies",
            summary="Twitter, our blog and a television documentary brought people to us.",
            body=BLOG + INVENTED,
            author_line="Casey Example, communications",
            campaign_id=self.campaign.pk,
            tags=["nursing", "recruitment"],
        )
        october = bulletins.plan_bulletin(
            by=self.comms,
            title="Staff bulletin, October 2018",
            summary="Thirteen new nurses, and Langley Green in the spotlight.",
            campaign=self.campaign,
            period_start=date(2018, 10, 1),
            period_end=date(2018, 10, 31),
            sections=[
                {"kind": "text", "heading": "Welcome", "body": WELCOME},
                {"kind": "spotlight", "heading": "Who learns together", "body": SPOTLIGHT, "team": self.team},
            ],
        )
        vacancy = vacancies.plan_vacancy(
            by=self.comms,
            title="Staff nurse, acute inpatient ward (demonstration)",
            summary="Join a team that looks after its nurses.",
            body="An invented job, so that there is one to apply for." + INVENTED,
            campaign_id=self.campaign.pk,
            reference="DEMO-OPEN",
            team_id=self.team.pk,
            staff_group=StaffGroup.NURSING,
            pay_band="Band 5",
            salary_min_pence=3_000_000,
            salary_max_pence=3_600_000,
            location="Crawley",
            opens_at=now,
            closes_at=morning + timedelta(days=30, hours=23, minutes=59),
            apply_url="https://jobs.example.org/demo-open",
            values_statement="We look for kindness and curiosity as much as for experience.",
            childcare_offered=True,
        )
        open_day = events.plan_event(
            by=self.comms,
            title="Open day on the ward (demonstration)",
            summary="See the ward, meet the team, bring your questions.",
            body="An invented event, so that there is one to come to." + INVENTED,
            campaign_id=self.campaign.pk,
            event_kind=EventKind.OPEN_DAY,
            place="Langley Green Hospital, Crawley",
            starts_at=morning + timedelta(days=21, hours=10),
            ends_at=morning + timedelta(days=21, hours=13),
            host_team_id=self.team.pk,
            childcare_offered=True,
        )
        plan = [
            (entry, self.blog, 10),
            (october, self.feed, 20),
            (vacancy, self.blog, 30),
            (open_day, self.blog, 60),
            (vacancy, self.twitter, 90),
        ]
        approved = {row.pk: self.approved(row) for row in (entry, october, vacancy, open_day)}
        for row, channel, seconds in plan:
            publications.schedule_publication(
                content=approved[row.pk],
                channel=channel,
                publish_at=now + timedelta(seconds=seconds),
                zone=organisation_clock.organisation_zone_name(),
                by=self.comms,
            )

    def coming_weeks(self) -> None:
        """An engagement campaign with something in each state, so that plan, reviews and Today have something to show.
        Learning forums, the away day and thank-you cards are Langley Green's own practice."""
        now = timezone.now()
        today = datetime.combine(organisation_clock.day_of(now), time.min)
        self.learning = campaigns_services.add_campaign(
            name="Learning together",
            purpose=Campaign.Purpose.ENGAGEMENT,
            summary="Learning forums, an away day and thank-you cards, told to everyone who works here.",
            starts_on=today.date() - timedelta(days=14),
            ends_on=today.date() + timedelta(days=75),
            hashtags=["LearningTogether"],
        )
        forum = self._gathering(
            "Learning forum (demonstration)", EventKind.TRAINING, today + timedelta(days=9, hours=14)
        )
        self._gathering("Away day (demonstration)", EventKind.AWAY_DAY, today + timedelta(days=33, hours=9, minutes=30))
        thanks = self._entry("Thank-you cards: what people write", CARDS)
        week = self._entry("A week of the development programme", PROGRAMME)
        for row in (forum, thanks):
            self.approved(row)
        content.submit_content(content=Content.objects.get(pk=week.pk), by=self.comms)
        returned = self._entry("What we learnt at the last forum", PROGRAMME)
        shared = Content.objects.get(pk=returned.pk)
        content.submit_content(content=shared, by=self.comms)
        content.return_content(content=shared, by=self.approver, comment="Please say what changed because of it.")
        for row, channel, days, hour in (
            (forum, self.feed, 2, 9),
            (thanks, self.blog, 5, 12),
            (week, self.blog, 1, 16),
            (week, self.feed, 8, 8),
            (thanks, self.twitter, 6, 9),
            (forum, self.whatsapp, 7, 10),
        ):
            publications.schedule_publication(
                content=Content.objects.get(pk=row.pk),
                channel=channel,
                publish_at=today + timedelta(days=days, hours=hour),
                zone=organisation_clock.organisation_zone_name(),
                by=self.comms,
            )

        on_x = compositions.ChannelText(
            self.twitter, "An hour every week, a forum every month: how we learn on the wards."
        )
        compositions.save_composition(
            content=Content.objects.get(pk=week.pk),
            version=0,
            chosen=[compositions.ChannelText(self.blog), on_x, compositions.ChannelText(self.feed)],
            by=self.comms,
        )

    def _gathering(self, title: str, kind: EventKind, starts_at: datetime) -> Event:
        return events.plan_event(
            by=self.comms,
            title=title,
            summary="An invented date for a practice that Langley Green really has.",
            body="Come and learn together." + INVENTED,
            campaign_id=self.learning.pk,
            event_kind=kind,
            place="Langley Green Hospital, Crawley",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2),
            host_team_id=self.team.pk,
            audience=Audience.STAFF,
        )

    def _entry(self, title: str, body: str) -> Content:
        return blog_entries.plan_blog_entry(
            by=self.comms,
            title=title,
            summary="From the wards, in a few lines.",
            body=body + INVENTED,
            author_line="Casey Example, communications",
            campaign_id=self.learning.pk,
            tags=["learning"],
        )


BLOG = """\
Thirteen nurses joined Langley Green Hospital in September and October 2018. Three of them came to us directly
through Twitter.

We tell our vacancies openly, there and here on the blog. The documentary *Healing Minds* on Channel 5 drew attention
to our work as well.

## What you will find here

- an away day every three months
- a weekly development programme
- a learning forum every month
- thank-you cards
"""

WELCOME = """\
Thirteen nurses joined Langley Green in September and October. Say hello when you meet them.
"""

SPOTLIGHT = """\
This month's team is **Langley Green Hospital**. It meets for an away day every three months, learns together every
week and every month, and says thank you with cards.
"""

CARDS = """\
People at Langley Green say thank you with cards. They stand on desks and hang on doors, and new colleagues read them
first.
"""

PROGRAMME = """\
Every week there is an hour of the development programme, and every month a learning forum. Everyone who works on the
ward is welcome.
"""
