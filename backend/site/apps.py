from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "backend.site"
    label = "site"

    def ready(self) -> None:
        from backend import database_away

        database_away.watch()
