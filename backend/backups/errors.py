"""What keeps a backup from being made or restored; each says what to do."""

from __future__ import annotations


class BackupError(Exception):
    """Nothing was changed."""
