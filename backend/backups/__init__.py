"""Backups of an installation: one archive with the database, the pictures and, if asked for, the keys."""
