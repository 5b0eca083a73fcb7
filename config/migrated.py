"""Whether the database has the tables that this version of the program expects."""

import sys

from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def missing() -> int:
    """How many migrations the database still needs. Raises OperationalError where it does not answer."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def refuse_otherwise() -> None:
    """End the program, with a sentence saying what to do, unless the database is ready for it."""
    if count := missing():
        sys.exit(
            f"The database lacks {count} migration{'' if count == 1 else 's'} of this version. "
            "Bring it up to date first: .venv/bin/python manage.py migrate"
        )
