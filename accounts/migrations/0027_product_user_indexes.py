"""Drops an index whose column moves with nearly every signal, and one that is the beginning of another.

Only the index of the foreign key goes. Django would also make the key anew, and check all rows of a long table.
"""

import django.db.models.deletion
from django.db import migrations, models

BEGINNING = "accounts_productuser_source_id_5566e836"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0026_office_hours_touches"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f'DROP INDEX IF EXISTS "{BEGINNING}"',
                    f'CREATE INDEX "{BEGINNING}" ON "accounts_productuser" ("source_id")',
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="productuser",
                    name="source",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="product_users",
                        to="accounts.source",
                    ),
                ),
            ],
        ),
        migrations.RemoveIndex(
            model_name="productuser",
            name="product_users_of_account",
        ),
    ]
