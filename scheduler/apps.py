from django.apps import AppConfig


class SchedulerConfig(AppConfig):
    name = "scheduler"
    label = "scheduler"

    def ready(self) -> None:
        from scheduler import signals
        from scheduler.engine import maintenance
        from scheduler.posts import listeners
        from scheduler.webhooks import deliveries, events

        listeners.connect()
        events.connect()
        signals.hourly.connect(maintenance.refresh_statistics, dispatch_uid="scheduler.engine.maintenance")
        signals.hourly.connect(deliveries.forget_old, dispatch_uid="scheduler.webhooks")
