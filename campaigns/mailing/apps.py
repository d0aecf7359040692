from django.apps import AppConfig


class MailingConfig(AppConfig):
    name = "campaigns.mailing"
    label = "mailing"
