from django.apps import AppConfig


class SchedulerConfig(AppConfig):
    name = "scheduler"
    label = "scheduler"

    def ready(self) -> None:
        from django.utils import timezone

        from campaigns.mailing import confirmation_mail
        from campaigns.planning import live_posts
        from scheduler.engine import chores, maintenance
        from scheduler.jobs import room_chores
        from scheduler.mail import delivery
        from scheduler.posts.live_posts import LivePosts
        from scheduler.webhooks import deliveries, events

        live_posts.register(LivePosts())
        confirmation_mail.register(delivery.ask_to_confirm)
        events.connect()
        room_chores.register()
        chores.register("engine.refresh_statistics", every=chores.HOURLY, work=maintenance.refresh_statistics)
        chores.register(
            "webhooks.forget_old", every=chores.HOURLY, work=lambda: deliveries.forget_old(now=timezone.now())
        )
        chores.register("mail.give_up_lost_letters", every=5.0, work=delivery.give_up_lost_letters)
        chores.register("mail.mend_times", every=30.0, work=delivery.mend_times)
