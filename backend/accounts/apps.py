from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "backend.accounts"
    label = "accounts"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in
        from django.utils import timezone

        from backend.accounts import retention, sessions
        from scheduler.engine import chores

        user_logged_in.connect(sessions.begin, dispatch_uid="accounts.sessions")
        chores.register(
            "accounts.clear_old_sessions",
            every=chores.HOURLY,
            work=lambda: retention.clear_old_sessions(now=timezone.now()),
        )
        chores.register(
            "accounts.clear_old_counts", every=600.0, work=lambda: retention.clear_old_counts(now=timezone.now())
        )
