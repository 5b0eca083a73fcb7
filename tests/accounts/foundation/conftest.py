"""Tests of what only one of the two databases has."""

from django.db import connection

collect_ignore = [] if connection.vendor == "postgresql" else ["test_migrating.py"]
"""SQLite has one writer: a migration there keeps everybody else out whatever it does."""
