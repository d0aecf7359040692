from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "backend.accounts"
    label = "accounts"

    def ready(self) -> None:
        from backend.accounts import clearing
        from scheduler import signals

        signals.hourly.connect(clearing.clear_old_sign_ins, dispatch_uid="accounts.clearing")
