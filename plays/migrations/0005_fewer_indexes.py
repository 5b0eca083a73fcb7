"""Drops indexes that are the beginning of another one: they cost every row that is written, and help nobody.

Only the index goes. Django would also make the foreign key anew, and check all rows of these tables, which are long.
"""

import django.db.models.deletion
from django.db import migrations, models

from accounts.foundation.migrating import DropIndexLive

INDEXES = [
    ("plays_decision", "account_id", "9bcae09e"),
    ("plays_decision", "play_id", "d91d47b0"),
    ("plays_moment", "play_id", "54064ca7"),
    ("plays_run", "account_id", "32b8deb8"),
    ("plays_run", "play_id", "63c06096"),
    ("plays_steprun", "run_id", "2cb928df"),
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("accounts", "0019_fewer_indexes"),
        ("plays", "0004_triggers"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                DropIndexLive(f"{table}_{column}_{end}", table, column) for table, column, end in INDEXES
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="decision",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="accounts.account",
                    ),
                ),
                migrations.AlterField(
                    model_name="decision",
                    name="play",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decisions",
                        to="plays.play",
                    ),
                ),
                migrations.AlterField(
                    model_name="moment",
                    name="play",
                    field=models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="plays.play"
                    ),
                ),
                migrations.AlterField(
                    model_name="run",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="accounts.account",
                    ),
                ),
                migrations.AlterField(
                    model_name="run",
                    name="play",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="plays.play",
                    ),
                ),
                migrations.AlterField(
                    model_name="steprun",
                    name="run",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="steps",
                        to="plays.run",
                    ),
                ),
            ],
        )
    ]
