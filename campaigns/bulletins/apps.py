from django.apps import AppConfig


class BulletinsConfig(AppConfig):
    name = "campaigns.bulletins"
    label = "bulletins"
