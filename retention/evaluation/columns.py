"""Where each fact stands in the database, for conditions in SQL."""

from collections.abc import Iterable

from babel.numbers import get_currency_precision
from django.db import connection, models

from accounts.facts.catalogue import Fact, Type
from accounts.facts.lookup import catalogue
from accounts.facts.models import AccountFacts
from accounts.workspace.queries import base_currency
from retention.conditions.sql import Column, Dialect, Storage
from retention.evaluation.models import HOLD, Watch

FACTS = "f"
STANDING = "s"
_STORAGES: list[tuple[type[models.Field], Storage]] = [
    (models.FloatField, Storage.FLOAT),
    (models.IntegerField, Storage.INTEGER),
    (models.BooleanField, Storage.BOOLEAN),
    (models.DateTimeField, Storage.INSTANT),
    (models.DateField, Storage.DATE),
    (models.CharField, Storage.TEXT),
]


def dialect() -> Dialect:
    """The SQL of the database in use."""
    return Dialect.POSTGRESQL if connection.vendor == "postgresql" else Dialect.SQLITE


def columns(watches: Iterable[Watch] = ()) -> dict[str, Column]:
    """Fact key → its column of the row of facts `f`; key of a hold → its entry in the standing `s`."""
    digits = get_currency_precision(base_currency())
    found = {key: _column(fact, digits) for key, fact in catalogue().items()}
    for watch in watches:
        if watch.reader == HOLD:
            found[watch.key] = Column(f'{STANDING}."since"', Storage.JSON, key=str(watch.slot))
    return found


def _column(fact: Fact, digits: int) -> Column:
    name = f'{FACTS}."{fact.column}"'
    if fact.is_json:
        return Column(name, Storage.JSON, key=fact.key)
    if fact.type is Type.MONEY:
        return Column(name, Storage.MINOR, digits=digits)
    field = AccountFacts._meta.get_field(fact.column)
    return Column(name, next(storage for kind, storage in _STORAGES if isinstance(field, kind)))
