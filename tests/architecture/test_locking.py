"""An upgrade keeps nobody waiting, and can be taken back: what a migration would lock is refused before it ships."""

import pytest
from django.apps import apps
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.models.functions import Now

from accounts.foundation.migrating import AddIndexLive, DropIndexLive
from tests.architecture.locking import flattened, irreversible, locks
from tests.released import RELEASED

OURS = ("accounts", "content", "retention", "plays")
DEFINITIONS = {
    "accounts": {"role", "grant", "team", "workspace", "source"},
    "retention": {
        *("stage", "lifecycle", "dimension", "segment", "healthmodel", "healthmodelversion", "businesscalendar"),
        *("valuemilestone", "handofftemplate", "plantemplate"),
    },
    "plays": {"play"},
}
"""Models of a few rows, made by hand: whoever locks them is done at once."""
LONG_AGO = {"retention.0009_stages_answered_for", "retention.0011_business_clocks"}
"""Released migrations that build indexes of large tables: 0.8 s and 0.4 s of 1,000,000 rows."""
INDEX = models.Index(fields=["name"], name="x")
TEAM = models.ForeignKey("accounts.Team", null=True, on_delete=models.PROTECT)
ONE_WAY: set[str] = set()
"""Migrations that cannot be taken back; each says so in its own words."""


@pytest.fixture(scope="module")
def ours():
    loader = MigrationLoader(None, replace_migrations=False)
    found = {key: one for key, one in loader.disk_migrations.items() if key[0] in OURS}
    assert len(found) > 20
    return found


@pytest.fixture(scope="module")
def found(ours):
    """`app.migration` → what it would lock."""
    loader, found = MigrationLoader(None, replace_migrations=False), {}
    for (app, name), one in ours.items():
        if one.replaces:
            continue
        alters = any(isinstance(part, migrations.AlterField) for part in one.operations)
        state = loader.project_state((app, name), at_end=False).models if alters else {}
        before = {model: kept.fields for (of, model), kept in state.items() if of == app}
        small = DEFINITIONS.get(app, set())
        found[app, name] = locks(one.operations, is_atomic=one.atomic, small=small, before=before)
    return found


def test_the_released_migrations_are_there(ours):
    assert not [key for key in RELEASED.items() if key not in ours]


def test_no_migration_since_the_release_locks_a_large_table(found):
    assert {key: told for key, told in found.items() if told and key[1] > RELEASED.get(key[0], "")} == {}


def test_what_released_migrations_lock_is_found(found):
    assert {f"{app}.{name}" for (app, name), told in found.items() if told} >= LONG_AGO


def test_few_rows_are_in_models_that_there_are():
    for app, names in DEFINITIONS.items():
        assert names <= {model._meta.model_name for model in apps.get_app_config(app).get_models()}


def test_an_index_that_is_built_live_is_outside_of_a_transaction(ours):
    kinds = (AddIndexLive, DropIndexLive)
    live = [one for one in ours.values() if any(isinstance(part, kinds) for part in flattened(one.operations))]
    assert len(live) >= 3
    assert not [one for one in live if one.atomic]


def test_every_migration_can_be_taken_back(ours):
    wrong = {f"{app}.{name}": found for (app, name), one in ours.items() if (found := irreversible(one.operations))}
    assert wrong.keys() == ONE_WAY, wrong


@pytest.mark.parametrize(
    ("operation", "says"),
    [
        (migrations.AddIndex("account", INDEX), "keeps writers out"),
        (AddIndexLive("account", INDEX), "atomic = False"),
        (DropIndexLive("i", "accounts_account", "name"), "atomic = False"),
        (migrations.RunSQL("DROP INDEX i", 'CREATE INDEX "i" ON accounts_account (name)'), "keeps writers out"),
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
        [migrations.RunSQL("CREATE INDEX CONCURRENTLY i ON accounts_account (name)", migrations.RunSQL.noop)],
    ],
)
def test_leaves_alone(operations):
    assert locks(operations) == []


def test_a_change_in_words_alone_is_left_alone():
    before = {"account": {"name": models.CharField(max_length=9)}}
    for field, count in ((models.CharField("Name", max_length=9, help_text="New."), 0), (models.TextField(), 1)):
        assert len(locks([migrations.AlterField("account", "name", field)], before=before)) == count


def test_work_beside_a_lock_is_found_and_beside_none_left_alone():
    add = migrations.AddField("account", "x", models.IntegerField(null=True))
    work = migrations.RunPython(migrations.RunPython.noop)
    assert "stays locked" in locks([add, work])[0]
    assert locks([work, add]) == locks([add, work], small=["account"]) == []


def test_what_has_no_way_back_is_found():
    assert irreversible([migrations.RunPython(lambda apps, editor: None)])
    assert irreversible([migrations.RunSQL("SELECT 1")])
    assert not irreversible([migrations.RunPython(lambda apps, editor: None, migrations.RunPython.noop)])
