"""Lanes: work that only one process may do at a time."""

import hashlib
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


class Taken(RuntimeError):
    """Somebody else is in the lane."""


def lane_at_once(name: str) -> None:
    """Holds the lane `name` until the transaction ends that the caller has begun; Taken where it is not free.

    On SQLite the transaction has the write lock already: who comes second waited for it, and finds the lane free.
    """
    if connection.vendor == "postgresql":
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
            [is_ours] = cursor.fetchone()
        if not is_ours:
            raise Taken
