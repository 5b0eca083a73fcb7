"""Finds what a migration would lock on PostgreSQL while a large table is read and written, or cannot take back."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db import migrations
from django.db.migrations.operations.base import Operation
from django.db.models.expressions import Value
from django.db.models.fields import NOT_PROVIDED

from accounts.foundation.migrating import AddIndexLive, DropIndexLive

LIVE = "use accounts.foundation.migrating.AddIndexLive in a migration that is not atomic"
LIVE_SQL = "use AddIndexLive or DropIndexLive of accounts.foundation.migrating"
NOT_VALID = "add it NOT VALID, and validate it in a migration of its own (django.contrib.postgres.operations)"
WORK = (migrations.RunPython, migrations.RunSQL)
"""Takes as long as there are rows, who knows."""
INDEX = re.compile(r'CREATE (?:UNIQUE )?INDEX (?:IF NOT EXISTS )?"?(?!CONCURRENTLY)(\w+)')
Models = Mapping[str, Mapping[str, Any]]
RENAMES = (migrations.RenameField, migrations.RenameModel, migrations.AlterModelTable)


def flattened(operations: Iterable[Operation]) -> Iterator[Operation]:
    """What is done to the database, one by one."""
    for operation in operations:
        if isinstance(operation, migrations.SeparateDatabaseAndState):
            yield from flattened(operation.database_operations)
        else:
            yield operation


def locks(
    operations: Iterable[Operation], *, is_atomic: bool = True, small: Iterable[str] = (), before: Models | None = None
) -> list[str]:
    """What would keep others waiting, or break those who still run the code of before; each with its remedy.

    Models of few rows may be locked. `before` has the fields of each model, for a change that no database notices.
    """
    found, free, held = [], set(small), ""
    for operation in flattened(operations):
        name = str(getattr(operation, "model_name", "")).lower()
        if isinstance(operation, migrations.CreateModel):
            free.add(operation.name_lower)
        elif index := _index_in_words(operation):
            found.append(f"{index}: building an index keeps writers out; {LIVE_SQL}")
        elif isinstance(operation, WORK) and held and is_atomic:
            found.append(f"{held} stays locked while this goes on: {operation.describe()}; in a migration of its own")
        elif name not in free and not _is_in_words_alone(operation, (before or {}).get(name, {})):
            found += _of(operation, is_atomic=is_atomic)
            held = name or held
    return found


def _index_in_words(operation: Operation) -> str:
    """The index that a statement written out builds, on the way there or back."""
    if not isinstance(operation, migrations.RunSQL):
        return ""
    found = INDEX.search(f"{operation.sql} {operation.reverse_sql}")
    return found[1] if found else ""


def _is_in_words_alone(operation: Any, before: Mapping[str, Any]) -> bool:
    """Whether a field keeps its column, and gets another help, label or choice."""
    if not isinstance(operation, migrations.AlterField) or operation.name not in before:
        return isinstance(operation, migrations.AlterModelOptions)
    old, new = before[operation.name], operation.field
    return bool(_column(old) == _column(new))


def _column(field: Any) -> tuple[str, list[Any], dict[str, Any]]:
    _, path, args, kwargs = field.deconstruct()
    return path, list(args), {name: value for name, value in kwargs.items() if name not in field.non_db_attrs}


def _of(operation: Any, *, is_atomic: bool) -> list[str]:
    where = f"{getattr(operation, 'model_name', '')}.{getattr(operation, 'name', '')}".strip(".")
    if isinstance(operation, RENAMES):
        return [f"{where}: a rename breaks processes of the version before; add, copy, and remove a release later"]
    if isinstance(operation, (AddIndexLive, DropIndexLive)):
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
