"""Drops indexes that are the beginning of another one: they cost every row that is written, and help nobody.

Only the index goes. Django would also make the foreign key anew, and check all rows of these tables, which are long.
"""

import django.db.models.deletion
from django.db import migrations, models

from accounts.foundation.migrating import DropIndexLive

INDEXES = [
    ("accounts_accountevent", "account_id", "ac74b713"),
    ("accounts_factchange", "account_id", "5b89c12b"),
    ("accounts_featureactivity", "account_id", "f995ad44"),
    ("accounts_reaction", "event_id", "73c962b3"),
    ("accounts_useractivity", "account_id", "2bc30fc2"),
]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("accounts", "0018_audit_of_verb"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                DropIndexLive(f"{table}_{column}_{end}", table, column) for table, column, end in INDEXES
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="accountevent",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="accounts.account",
                    ),
                ),
                migrations.AlterField(
                    model_name="factchange",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="fact_changes",
                        to="accounts.account",
                    ),
                ),
                migrations.AlterField(
                    model_name="featureactivity",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
                migrations.AlterField(
                    model_name="reaction",
                    name="event",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reactions",
                        to="accounts.accountevent",
                    ),
                ),
                migrations.AlterField(
                    model_name="useractivity",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.account",
                    ),
                ),
            ],
        )
    ]
