from django.apps import AppConfig


class HiringConfig(AppConfig):
    name = "campaigns.hiring"
    label = "hiring"
