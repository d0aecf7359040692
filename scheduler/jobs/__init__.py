"""Timed work of the rooms below: thin, it calls their services."""
