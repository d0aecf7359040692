"""People, API keys, teams, the organisation, webhooks and the audit trail."""
