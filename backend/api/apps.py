from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "backend.api"
    label = "api"

    def ready(self) -> None:
        from backend.api import idempotency
        from scheduler import signals

        signals.hourly.connect(idempotency.clear_old_answers, dispatch_uid="api.clearing")
