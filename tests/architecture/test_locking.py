"""An upgrade keeps nobody waiting, and can be taken back: what a migration would lock is refused before it ships."""

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.models.functions import Now

from accounts.foundation.migrating import AddIndexLive
from tests.architecture.locking import irreversible, locks

OURS = ("accounts", "content", "retention", "plays")
UNRELEASED = 29
"""Migrations up to this number were written before there was an installation with large tables."""
INDEX = models.Index(fields=["name"], name="x")
TEAM = models.ForeignKey("accounts.Team", null=True, on_delete=models.PROTECT)
SMALL: set[str] = set()
"""Migrations after that which change tables of a few rows only, such as definitions: `app.name`."""
ONE_WAY: set[str] = set()
"""Migrations that cannot be taken back; each says so in its own words."""


@pytest.fixture(scope="module")
def ours():
    loader = MigrationLoader(None, replace_migrations=False)
    found = {key: one for key, one in loader.disk_migrations.items() if key[0] in OURS}
    assert len(found) > 20
    return found


def number(name: str) -> int:
    return int(name[:4])


def test_no_migration_locks_a_large_table(ours):
    wrong = {
        f"{app}.{name}": found
        for (app, name), one in ours.items()
        if number(name) > UNRELEASED and f"{app}.{name}" not in SMALL
        if (found := locks(one.operations, is_atomic=one.atomic))
    }
    assert not wrong


def test_an_index_that_is_built_live_is_outside_of_a_transaction(ours):
    live = [one for one in ours.values() if any(isinstance(part, AddIndexLive) for part in one.operations)]
    assert live
    assert not [one for one in live if one.atomic]


def test_every_migration_can_be_taken_back(ours):
    wrong = {f"{app}.{name}": found for (app, name), one in ours.items() if (found := irreversible(one.operations))}
    assert wrong.keys() == ONE_WAY, wrong


@pytest.mark.parametrize(
    ("operation", "says"),
    [
        (migrations.AddIndex("account", INDEX), "keeps writers out"),
        (AddIndexLive("account", INDEX), "atomic = False"),
        (migrations.AddField("account", "x", models.DateTimeField(db_default=Now())), "writes every row"),
        (migrations.AddField("account", "x", models.CharField(max_length=9, unique=True)), "unique column"),
        (migrations.AddField("account", "x", models.CharField(max_length=9, db_index=True)), "its index"),
        (
            migrations.AddField("account", "x", TEAM),
            "its index",
        ),
        (migrations.AddConstraint("account", models.UniqueConstraint(fields=["name"], name="y")), "every row"),
        (migrations.AddConstraint("account", models.CheckConstraint(condition=models.Q(id=1), name="y")), "every row"),
        (migrations.AlterField("account", "name", models.TextField()), "written anew"),
        (migrations.RenameField("account", "name", "title"), "a rename breaks"),
        (migrations.RenameModel("account", "customer"), "a rename breaks"),
        (migrations.SeparateDatabaseAndState([migrations.AddIndex("account", INDEX)]), "keeps writers out"),
    ],
)
def test_finds(operation, says):
    [found] = locks([operation])
    assert says in found


@pytest.mark.parametrize(
    "operations",
    [
        [migrations.AddField("account", "x", models.CharField(max_length=9, default="none"))],
        [migrations.AddField("account", "x", models.IntegerField(null=True))],
        [migrations.AddField("account", "x", models.IntegerField(db_default=3))],
        [
            migrations.CreateModel("thing", [("id", models.BigAutoField(primary_key=True))]),
            migrations.AddIndex("thing", INDEX),
        ],
        [migrations.RemoveField("account", "x")],
    ],
)
def test_leaves_alone(operations):
    assert locks(operations) == []


def test_what_has_no_way_back_is_found():
    assert irreversible([migrations.RunPython(lambda apps, editor: None)])
    assert irreversible([migrations.RunSQL("SELECT 1")])
    assert not irreversible([migrations.RunPython(lambda apps, editor: None, migrations.RunPython.noop)])
