"""The addresses of the site, for everyone. Those of items are the ones that campaigns.website.addresses gives out."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from backend.site import colours, health, link_redirect, metrics, pictures, subscription
from backend.site.feeds import plan_calendar
from backend.site.feeds import views as feeds
from backend.site.pages import drafts
from backend.site.pages import views as pages
from campaigns.website.addresses import FOLDERS

app_name = "site"
urlpatterns: list[URLPattern] = [
    path("", pages.home, name="home"),
    path("blog", pages.blog, name="blog"),
    path("vacancies", pages.vacancies, name="vacancies"),
    path("events", pages.events, name="events"),
    path("drafts/<int:content_id>", drafts.draft, name="draft"),
    path("drafts/written/<slug:kind>", drafts.written, name="written"),
    path("staff", pages.staff, name="staff"),
    *(path(f"{folder}/<slug:slug>", pages.item, {"kind": kind}) for kind, folder in FOLDERS.items()),
    *(path(f"staff/{folder}/<slug:slug>", pages.staff_item, {"kind": kind}) for kind, folder in FOLDERS.items()),
    path("feeds/blog.rss", feeds.blog, name="blog_feed"),
    path("feeds/vacancies.rss", feeds.vacancies, name="vacancies_feed"),
    path("feeds/bulletin.rss", feeds.bulletin, name="bulletin_feed"),
    path("calendar/plan.ics", plan_calendar.plan, name="plan_calendar"),
    path("subscribe", subscription.subscribe, name="subscribe"),
    path("confirm/<str:token>", subscription.confirm, name="confirm"),
    path("unsubscribe/<str:token>", subscription.unsubscribe, name="unsubscribe"),
    path("r/<str:code>", link_redirect.follow_link, name="link"),
    re_path(r"^pictures/(?P<pk>\d{1,18})\.(?P<ending>\w+)$", pictures.picture, name="picture"),
    re_path(r"^pictures/(?P<pk>\d{1,18})-(?P<signature>[\w-]+)\.(?P<ending>\w+)$", pictures.signed_picture),
    re_path(r"^colours/(?P<accent>[0-9a-f]{6})\.css$", colours.colours, name="colours"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
]
