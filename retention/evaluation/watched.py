"""The watches in force. They are asked for in every pass and change once in a while."""

from typing import Any

from django.db import connection, models
from django.db.models.functions import Cast

from retention.evaluation.models import Watch

_kept: tuple[list[tuple[Any, ...]], list[Watch]] = ([], [])


def watches() -> list[Watch]:
    """The active watches, to be read and not to be changed: whoever asks next may get the same ones.

    Looks every time whether a row is another one than before, which takes a fraction of making fifty watches of them.
    """
    global _kept
    rows = _rows()
    while rows != _kept[0]:
        before, found = rows, list(Watch.objects.filter(active=True))
        rows = _rows()
        if rows == before:  # or one of them changed while they were read
            _kept = (rows, found)
    return list(_kept[1]) if rows else []


def _rows() -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(*_statement())
        return cursor.fetchall()


_statements: dict[str, tuple[str, tuple[Any, ...]]] = {}


def _statement() -> tuple[str, tuple[Any, ...]]:
    """Every column as it is stored, JSON as its text. Composed once for each kind of database."""
    if connection.vendor not in _statements:
        fields = Watch._meta.concrete_fields
        texts = [Cast(field.name, models.TextField()) for field in fields if isinstance(field, models.JSONField)]
        plain = [field.attname for field in fields if not isinstance(field, models.JSONField)]
        asked = Watch.objects.filter(active=True).order_by("pk").values_list(*plain, *texts)
        _statements[connection.vendor] = asked.query.sql_with_params()
    return _statements[connection.vendor]
