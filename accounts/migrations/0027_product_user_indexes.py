"""Drops an index whose column moves with nearly every signal, and one that is the beginning of another.

Only the index of the foreign key goes. Django would also make the key anew, and check all rows of a long table.
"""

import django.db.models.deletion
from django.db import migrations, models

from accounts.foundation.migrating import DropIndexLive

TABLE = "accounts_productuser"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("accounts", "0026_office_hours_touches"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                DropIndexLive("accounts_productuser_source_id_5566e836", TABLE, "source_id"),
                DropIndexLive("product_users_of_account", TABLE, "account_id", "last_seen_at"),
            ],
            state_operations=[
                migrations.RemoveIndex(
                    model_name="productuser",
                    name="product_users_of_account",
                ),
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
    ]
