"""One module a resource; this table says where each stands under /api/v1."""

from __future__ import annotations

from ninja import Router

from backend.api.resources import (
    api_keys,
    audit,
    blog_entries,
    bulletins,
    calendar,
    campaigns,
    candidates,
    channels,
    content,
    events,
    hires,
    links,
    me,
    organisation,
    pauses,
    pictures,
    publications,
    quiet_periods,
    recurrences,
    reports,
    slots,
    teams,
    users,
    vacancies,
)

ROUTERS: dict[str, Router] = {
    "/me": me.router,
    "/organisation": organisation.router,
    "/campaigns": campaigns.router,
    "/teams": teams.router,
    "/channels": channels.router,
    "/channels/{channel_id}/quiet-periods": quiet_periods.router,
    "/channels/{channel_id}/slots": slots.router,
    "/pictures": pictures.router,
    "/events": events.router,
    "/vacancies": vacancies.router,
    "/blog-entries": blog_entries.router,
    "/bulletins": bulletins.router,
    "/content": content.router,
    "/publications": publications.router,
    "/pauses": pauses.router,
    "/recurrences": recurrences.router,
    "/calendar": calendar.router,
    "/links": links.router,
    "/candidates": candidates.router,
    "/hires": hires.router,
    "/reports": reports.router,
    "/users": users.router,
    "/api-keys": api_keys.router,
    "/audit": audit.router,
}
