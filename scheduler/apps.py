from django.apps import AppConfig


class SchedulerConfig(AppConfig):
    name = "scheduler"
    label = "scheduler"

    def ready(self) -> None:
        from scheduler import listeners, signals, upkeep

        listeners.connect()
        signals.hourly.connect(upkeep.refresh_statistics, dispatch_uid="scheduler.upkeep")
