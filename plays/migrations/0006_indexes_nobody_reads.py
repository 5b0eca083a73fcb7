"""Drops indexes that only a deletion would use which never happens, and keeps one to the rows that it is about.

Versions, their steps and edges stay for ever. Only the indexes go. Django would also make the foreign keys anew, and
check all rows of these tables, which are long.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.foundation.migrating import AddIndexLive, DropIndexLive

INDEXES = [
    ("plays_decision", "by_id", "6f2bd4d6"),
    ("plays_decision", "edge_id", "bdd108cc"),
    ("plays_decision", "version_id", "6ad9b9c8"),
    ("plays_run", "version_id", "f932ad53"),
    ("plays_steprun", "definition_id", "da04208f"),
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("plays", "0005_fewer_indexes"),
        ("retention", "0016_prospect_links"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexLive(
            model_name="decision",
            index=models.Index(condition=models.Q(("by__isnull", False)), fields=["by"], name="decisions_by_hand"),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                DropIndexLive(f"{table}_{column}_{end}", table, column) for table, column, end in INDEXES
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="decision",
                    name="by",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="decision",
                    name="edge",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="retention.edge",
                    ),
                ),
                migrations.AlterField(
                    model_name="decision",
                    name="version",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plays.playversion",
                    ),
                ),
                migrations.AlterField(
                    model_name="run",
                    name="version",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="plays.playversion",
                    ),
                ),
                migrations.AlterField(
                    model_name="steprun",
                    name="definition",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plays.stepdefinition",
                    ),
                ),
            ],
        ),
    ]
