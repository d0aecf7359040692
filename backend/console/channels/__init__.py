"""Channels, their connections and times, and mailing lists."""
