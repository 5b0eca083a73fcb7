"""What a migration locks is locked briefly, and given back while it waits for somebody else."""

import threading

import pytest
from django.db import ProgrammingError, connection, models

from accounts.foundation import migrating
from accounts.workspace.models import Workspace

pytestmark = pytest.mark.django_db(transaction=True)
LOCKED = """SELECT count(*) FROM pg_locks WHERE relation = 'accounts_workspace'::regclass
    AND mode = 'AccessExclusiveLock' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = %s)"""


@pytest.fixture
def editor(monkeypatch):
    """What makes editors as `manage.py migrate` uses them."""
    monkeypatch.setattr(connection, "SchemaEditorClass", connection.SchemaEditorClass, raising=False)
    monkeypatch.setattr(migrating, "PATIENCE_S", 10.0)
    migrating.hold_briefly(connection)
    yield connection.schema_editor
    with connection.cursor() as cursor:
        cursor.execute('ALTER TABLE accounts_workspace DROP COLUMN IF EXISTS "extra"')


def extra():
    field = models.IntegerField(null=True)
    field.set_attributes_from_name("extra")
    return Workspace, field


def columns():
    with connection.cursor() as cursor:
        return [column.name for column in connection.introspection.get_table_description(cursor, "accounts_workspace")]


@pytest.fixture
def other():
    """Another connection to the same database."""
    link = connection.copy()
    link.inc_thread_sharing()
    yield link
    link.close()


def locked(link):
    with link.cursor() as cursor:
        cursor.execute(LOCKED, [connection.settings_dict["NAME"]])
        return cursor.fetchone()[0]


def test_nothing_is_locked_until_the_migration_ends(editor, other):
    with editor(atomic=True) as brief:
        brief.add_field(*extra())
        assert locked(other) == 0
    assert "extra" in columns()


def test_who_asks_the_database_sees_what_was_done_so_far(editor):
    with editor(atomic=True) as brief:
        brief.add_field(*extra())
        assert "extra" in columns()


def test_a_migration_that_fails_leaves_nothing(editor):
    def changes(statement):
        with editor(atomic=True) as brief:
            brief.add_field(*extra())
            brief.execute(statement)

    with pytest.raises(ProgrammingError, match="nowhere"):
        changes("ALTER TABLE nowhere ADD COLUMN x int")
    assert "extra" not in columns()


def test_waits_without_keeping_anybody_waiting(editor, other, monkeypatch):
    monkeypatch.setattr(migrating, "LOCK_MS", 20)
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_workspace")  # and stays in its transaction
    free = threading.Timer(0.5, other.rollback)
    free.start()
    with editor(atomic=True) as brief:
        brief.add_field(*extra())
    free.join()
    assert "extra" in columns()


def test_gives_up_in_the_end_and_says_why(editor, other, monkeypatch):
    monkeypatch.setattr(migrating, "LOCK_MS", 20)
    monkeypatch.setattr(migrating, "PATIENCE_S", 0.1)
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_workspace")
    with pytest.raises(migrating.TablesInUse, match="Nothing of it was done"), editor(atomic=True) as brief:
        brief.add_field(*extra())
    other.rollback()
    assert "extra" not in columns()
