"""New installations take the short way, in which each table is made once; those that there were took the long one."""

from typing import Any

import pytest
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState
from django.db.migrations.writer import MigrationWriter

Nodes = list[tuple[str, str]]


@pytest.fixture(scope="module")
def loader() -> MigrationLoader:
    """All migrations there are, short and long ways side by side."""
    return MigrationLoader(None, replace_migrations=False)


def told(model: ModelState) -> dict[str, Any]:
    """All that a database is made from; neither way decides an order."""
    options = {name: value for name, value in model.options.items() if value}
    for name in ("constraints", "indexes"):
        options[name] = sorted(MigrationWriter.serialize(found)[0] for found in options.get(name, []))
    fields = {name: MigrationWriter.serialize(field)[0] for name, field in model.fields.items()}
    return {"fields": fields, "options": options, "bases": model.bases}


def models(loader: MigrationLoader, nodes: Nodes) -> dict[tuple[str, str], dict[str, Any]]:
    return {key: told(model) for key, model in loader.project_state(nodes).models.items()}


def test_the_short_way_ends_where_the_long_one_does(loader: MigrationLoader) -> None:
    short = {key: migration.replaces[-1] for key, migration in loader.disk_migrations.items() if migration.replaces}
    ours = {key: last for key, last in short.items() if key[0] in {"accounts", "retention", "plays"}}
    assert len(ours) == 3
    by_short, by_long = models(loader, list(ours)), models(loader, list(ours.values()))
    assert by_short.keys() == by_long.keys()
    for key, model in by_long.items():
        assert by_short[key] == model, f"{key}: the short way makes another table"


def test_the_short_way_leaves_out_no_step_of_the_long_one(loader: MigrationLoader) -> None:
    for (app, name), migration in loader.disk_migrations.items():
        if migration.replaces:
            upto = migration.replaces[-1][1]
            steps = [key for key in loader.disk_migrations if key[0] == app and key[1] <= upto and key[1] != name]
            assert sorted(steps) == sorted(migration.replaces)
