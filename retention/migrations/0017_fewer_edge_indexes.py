"""Drops an index that is the beginning of another one: it costs every edge that is written, and helps nobody.

Only the index goes. Django would also make the foreign key anew, and check all rows of a long table.
"""

import django.db.models.deletion
from django.db import migrations, models

from accounts.foundation.migrating import DropIndexLive


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("retention", "0016_prospect_links"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[DropIndexLive("retention_edge_watch_id_a2e1ff81", "retention_edge", "watch_id")],
            state_operations=[
                migrations.AlterField(
                    model_name="edge",
                    name="watch",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="edges",
                        to="retention.watch",
                    ),
                ),
            ],
        ),
    ]
