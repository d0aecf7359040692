"""Candidates, hires and tracked links."""
