"""Bulletins and their sections."""
