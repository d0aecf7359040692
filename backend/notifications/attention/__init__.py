"""What waits for somebody: asked for one person by *Today* and the list, and for everybody by the rounds that tell
them. Each cause is found in one function."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists

from backend.accounts.models import User
from backend.notifications.attention import of_channels, of_content, of_machine, of_posts
from backend.notifications.attention.item import SHOWN, AttentionItem, may_act
from backend.notifications.causes import Cause
from scheduler.engine.health import Health, health


def open_items(now: datetime) -> list[AttentionItem]:
    """All that stands, for everybody. About a dozen queries, each bounded by an index; their cost grows with what needs
    somebody alone."""
    return [
        *of_content.reviews_of_all(),
        *of_content.returned_to_all(),
        *of_content.unapproved_soon_of_all(now),
        *of_posts.posts_together(),
        *of_channels.channels(now),
        *of_channels.webhooks(),
        *of_machine.restored(),
        *of_machine.publishing(health(now), now),
        *of_machine.disk(now),
        *of_machine.backup(now),
        *of_machine.failing_destinations(),
    ]


def items_for(user: User, now: datetime, alive: Health) -> list[AttentionItem]:
    """What this person can do something about, urgent things first; posts together by channel and reason."""
    found = [*of_content.reviews_for(user).values(), *other_items(user, now, alive)]
    if may_act(user, Cause.UNSENT):
        found += of_content.unapproved_soon_of_all(now)
    found += [item for item in of_posts.posts_together() if may_act(user, item.cause)]
    return sorted(found, key=lambda item: not item.urgent)


def other_items(user: User, now: datetime, alive: Health) -> list[AttentionItem]:
    """What stands for this person beside content and posts, and beside what is on hold, which every page says. Rarely
    stands any of it, so one query asks whether it does."""
    found: list[AttentionItem] = []
    if may_act(user, Cause.SIGN_IN_ENDED):
        found += of_channels.channels(now, SHOWN)
    failing = of_machine.failing_rows(user)
    stopped = of_channels.stopped_webhooks()
    any_of = User.objects.filter(pk=user.pk).annotate(failing=Exists(failing), stopped=Exists(stopped))
    stands = any_of.values("failing", "stopped").get()
    if stands["stopped"] and may_act(user, Cause.WEBHOOK_STOPPED):
        found += of_channels.webhooks(SHOWN)
    if may_act(user, Cause.BACKUP_OLD):
        found += [*of_machine.publishing(alive, now), *of_machine.disk(now), *of_machine.backup(now)]
    return found + (list(of_machine.failing_destinations(user)) if stands["failing"] else [])
