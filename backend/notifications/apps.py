from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "backend.notifications"
    label = "notifications"

    def ready(self) -> None:
        from backend.notifications import rounds, tasks
        from scheduler.engine import chores

        chores.register("notifications.run_round", every=5.0, work=tasks.run_round)
        chores.register("notifications.forget_old", every=chores.HOURLY, work=rounds.forget_old)
