from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "backend.api"
    label = "api"

    def ready(self) -> None:
        from django.utils import timezone

        from backend.api import idempotency
        from scheduler.engine import chores

        chores.register(
            "api.clear_old_answers", every=chores.HOURLY, work=lambda: idempotency.clear_old_answers(now=timezone.now())
        )
