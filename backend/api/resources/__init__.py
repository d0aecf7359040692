"""One module a resource; this table says where each stands under /api/v1."""

from __future__ import annotations

from ninja import Router

from backend.api.resources import search
from backend.api.resources.account import attention, me, notifications
from backend.api.resources.administration import api_keys, audit, users
from backend.api.resources.channels import channel_kinds, channels, mailing_lists, quiet_periods, slots, subscribers
from backend.api.resources.content import blog_entries, bulletins, compositions, content, events, pictures, vacancies
from backend.api.resources.plan import calendar, campaigns, organisation, recurrences, teams
from backend.api.resources.publishing import bounces, deliveries, pauses, publications, webhooks
from backend.api.resources.recruiting import candidates, hires, links, reports

ROUTERS: dict[str, Router] = {
    "/me": me.router,
    "/attention": attention.router,
    "/notification-destinations": notifications.router,
    "/organisation": organisation.router,
    "/campaigns": campaigns.router,
    "/teams": teams.router,
    "/channel-kinds": channel_kinds.router,
    "/channels": channels.router,
    "/channels/{channel_id}/quiet-periods": quiet_periods.router,
    "/channels/{channel_id}/slots": slots.router,
    "/pictures": pictures.router,
    "/events": events.router,
    "/vacancies": vacancies.router,
    "/blog-entries": blog_entries.router,
    "/bulletins": bulletins.router,
    "/content": content.router,
    "/content/{content_id}/composition": compositions.router,
    "/content/{content_id}/presence": compositions.presence_router,
    "/publications": publications.router,
    "/pauses": pauses.router,
    "/recurrences": recurrences.router,
    "/calendar": calendar.router,
    "/links": links.router,
    "/candidates": candidates.router,
    "/hires": hires.router,
    "/reports": reports.router,
    "/search": search.router,
    "/mailing-lists": mailing_lists.router,
    "/subscribers": subscribers.router,
    "/deliveries": deliveries.router,
    "/bounces": bounces.router,
    "/users": users.router,
    "/api-keys": api_keys.router,
    "/webhook-endpoints": webhooks.endpoints,
    "/webhook-deliveries": webhooks.deliveries,
    "/audit": audit.router,
}
