"""Begins the audit trail of a test anew: the trail itself lets nobody delete anything."""

from django.db import connection

from accounts.foundation.models import AuditEntry


def forget() -> None:
    """Empties the trail as Django's flush does."""
    table = AuditEntry._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table}" if connection.vendor == "postgresql" else f"DELETE FROM {table}")  # noqa: S608
