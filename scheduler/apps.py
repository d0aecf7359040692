from django.apps import AppConfig


class SchedulerConfig(AppConfig):
    name = "scheduler"
    label = "scheduler"

    def ready(self) -> None:
        from scheduler import listeners, signals, upkeep
        from scheduler.outbound import deliveries, events

        listeners.connect()
        events.connect()
        signals.hourly.connect(upkeep.refresh_statistics, dispatch_uid="scheduler.upkeep")
        signals.hourly.connect(deliveries.forget_old, dispatch_uid="scheduler.outbound")
