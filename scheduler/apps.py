from django.apps import AppConfig


class SchedulerConfig(AppConfig):
    name = "scheduler"
    label = "scheduler"

    def ready(self) -> None:
        from scheduler import listeners
        from scheduler.outbound import events

        listeners.connect()
        events.connect()
