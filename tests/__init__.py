"""Tests and measurements of the house; the folders mirror the packages."""

import os

THOROUGHNESS = int(os.environ.get("THOROUGHNESS", "1"))
"""How many times as many examples tests try that draw them: 1 for everybody, 3 where time is no matter (.ci/run)."""
