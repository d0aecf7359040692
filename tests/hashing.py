"""Passwords of tests are kept as all are, only with the least work: how hard a guess is, is no matter here."""

from __future__ import annotations

from backend.accounts.password_hashing import Argon2Hasher


class QuickArgon2(Argon2Hasher):
    time_cost = 1
    memory_cost = 8  # kibibytes
    parallelism = 1
