"""Lanes: work that only one process may do at a time."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def lane(name: str) -> Iterator[None]:
    """One transaction that holds the lane `name` until it ends; whoever comes second waits.

    PostgreSQL keeps it with an advisory lock. On SQLite every transaction is IMMEDIATE: the write lock is the lane.
    """
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [zlib.crc32(name.encode())])
        yield
