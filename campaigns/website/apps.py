from django.apps import AppConfig


class WebsiteConfig(AppConfig):
    name = "campaigns.website"
    label = "website"
