"""The servers of the grown shape, as the shell names them. Imported before the environment is cleared."""

from __future__ import annotations

import os

DATABASE_URL = os.environ.get("DATABASE_URL") or "postgres://postgres@127.0.0.1:5432/postgres"
REDIS_URL = os.environ.get("REDIS_URL") or "redis://127.0.0.1:6379/8"
