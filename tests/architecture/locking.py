"""Finds what a migration would lock on PostgreSQL while a large table is read and written, or cannot take back."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import migrations
from django.db.migrations.operations.base import Operation
from django.db.models.expressions import Value
from django.db.models.fields import NOT_PROVIDED

from accounts.foundation.migrating import AddIndexLive

LIVE = "use accounts.foundation.migrating.AddIndexLive in a migration that is not atomic"
NOT_VALID = "add it NOT VALID, and validate it in a migration of its own (django.contrib.postgres.operations)"
RENAMES = (migrations.RenameField, migrations.RenameModel, migrations.AlterModelTable)


def flattened(operations: Iterable[Operation]) -> Iterator[Operation]:
    """What is done to the database, one by one."""
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from flattened(operation.database_operations)
        else:
            yield operation


def locks(operations: Iterable[Operation], *, is_atomic: bool = True) -> list[str]:
    """What would keep others waiting, or break those who still run the code of before; each with its remedy."""
    found, fresh = [], set()
    for operation in flattened(operations):
        if isinstance(operation, migrations.CreateModel):
            fresh.add(operation.name_lower)
        elif str(getattr(operation, "model_name", "")).lower() not in fresh:
            found += _of(operation, is_atomic=is_atomic)
    return found


def _of(operation: Any, *, is_atomic: bool) -> list[str]:
    where = f"{getattr(operation, 'model_name', '')}.{getattr(operation, 'name', '')}".strip(".")
    if isinstance(operation, RENAMES):
        return [f"{where}: a rename breaks processes of the version before; add, copy, and remove a release later"]
    if isinstance(operation, AddIndexLive):
        return [f"{where}: an index is built live outside of a transaction; set atomic = False"] if is_atomic else []
    if isinstance(operation, migrations.AddIndex):
        return [f"{where}: building an index keeps writers out; {LIVE}"]
    if isinstance(operation, migrations.AddConstraint):
        return [f"{where}: every row is looked at while nobody may write; {NOT_VALID}"]
    if isinstance(operation, migrations.AddField):
        return [f"{where}: {what}" for what in _of_field(operation.field)]
    if isinstance(operation, migrations.AlterField):
        return [f"{where}: a column that changes its type or loses its NULL is written anew; add another one and copy"]
    return []


def _of_field(field: Any) -> list[str]:
    found = []
    computed = field.db_default is not NOT_PROVIDED and not isinstance(field.db_default, Value)
    if computed and hasattr(field.db_default, "resolve_expression"):
        found.append("a computed default writes every row anew; add it nullable, and fill it by a job")
    if field.unique:
        found.append(f"a unique column builds its index at once; add it plain, then {LIVE}")
    elif field.db_index:
        found.append(f"its index keeps writers out while it is built; db_index=False, then {LIVE}")
    return found


def irreversible(operations: Iterable[Operation]) -> list[str]:
    """The operations that cannot be taken back."""
    return [operation.describe() for operation in flattened(operations) if not operation.reversible]
