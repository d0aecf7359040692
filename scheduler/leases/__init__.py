"""Clocks, back-off and leases: what every worker that reserves a row needs."""
