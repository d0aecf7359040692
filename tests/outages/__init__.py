"""Outages in the middle of sending: real workers, and channels in a process of their own that count what they took."""
