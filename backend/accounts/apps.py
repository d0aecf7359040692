from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "backend.accounts"
    label = "accounts"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from backend.accounts import retention, sessions
        from scheduler import signals

        user_logged_in.connect(sessions.begin, dispatch_uid="accounts.sessions")
        signals.hourly.connect(retention.clear_old_sign_ins, dispatch_uid="accounts.clearing")
