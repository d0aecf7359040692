"""The addresses of the console, for staff: those of each family of pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from backend.console.account import notifications, private_addresses, sign_in
from backend.console.account import views as account
from backend.console.administration import api_keys, audit, people, teams, webhooks
from backend.console.administration import organisation as settings
from backend.console.channels import connect as connecting
from backend.console.channels import mailing_lists
from backend.console.channels import times as channel_times
from backend.console.channels import views as channels
from backend.console.compose import publication_text
from backend.console.compose import views as compose
from backend.console.content import blog_entries, bulletins, events, pictures, reviews, vacancies, write
from backend.console.content import views as content
from backend.console.frame import components, search
from backend.console.plan import campaigns, recurrences
from backend.console.plan import views as plan
from backend.console.publishing import pauses
from backend.console.publishing import publication as publications
from backend.console.publishing import views as publishing
from backend.console.recruiting import candidates, hires, links
from backend.console.reports import source_of_hire
from backend.console.today import first_run
from backend.console.today import views as today

app_name = "console"
urlpatterns: list[URLPattern] = [
    *today.urlpatterns,
    *private_addresses.urlpatterns,
    *notifications.urlpatterns,
    *search.urlpatterns,
    *plan.urlpatterns,
    *recurrences.urlpatterns,
    *write.urlpatterns,
    *compose.urlpatterns,
    *reviews.urlpatterns,
    *campaigns.urlpatterns,
    *content.urlpatterns,
    *vacancies.urlpatterns,
    *events.urlpatterns,
    *blog_entries.urlpatterns,
    *bulletins.urlpatterns,
    *pictures.urlpatterns,
    *candidates.urlpatterns,
    *hires.urlpatterns,
    *source_of_hire.urlpatterns,
    *links.urlpatterns,
    *channels.urlpatterns,
    *connecting.urlpatterns,
    *channel_times.urlpatterns,
    *publishing.urlpatterns,
    *pauses.urlpatterns,
    *publications.urlpatterns,
    *publication_text.urlpatterns,
    *mailing_lists.urlpatterns,
    *webhooks.urlpatterns,
    *settings.urlpatterns,
    *people.urlpatterns,
    *api_keys.urlpatterns,
    *teams.urlpatterns,
    *audit.urlpatterns,
    *components.urlpatterns,
    *account.urlpatterns,
    *first_run.urlpatterns,
    path("sign-in", sign_in.SignIn.as_view(), name="sign_in"),
    path("sign-in/second-step", sign_in.second_step, name="second_step"),
    path("sign-in/passkey", sign_in.sign_in_passkey, name="sign_in_passkey"),
    path("sign-in/passkey/ask", sign_in.ask_passkey, name="ask_passkey"),
    path("sign-out", sign_in.SignOut.as_view(), name="sign_out"),
]
