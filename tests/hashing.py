"""Passwords of tests are kept as all are, only with the least work: how hard a guess is, is no matter here."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickArgon2(Argon2PasswordHasher):
    time_cost = 1
    memory_cost = 8  # kibibytes
    parallelism = 1
