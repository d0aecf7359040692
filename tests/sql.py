"""Statements that are compared."""

from __future__ import annotations

import re


def shape(sql: str) -> str:
    """A statement without what was asked for."""
    return re.sub(r"'[^']*'|\b\d+\b|\"?s\d+_x\d+\"?", "?", sql)
