"""Keeps the indexes of who did something to the rows that somebody did: most are nobody's.

Only the index of the foreign key goes. Django would also make the key anew, and check all rows of a long table.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.foundation.migrating import AddIndexLive, DropIndexLive


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("accounts", "0028_find_by_address"),
    ]

    operations = [
        AddIndexLive(
            model_name="auditentry",
            index=models.Index(
                condition=models.Q(("actor_id__isnull", False)), fields=["actor_id", "at"], name="audit_of_person"
            ),
        ),
        AddIndexLive(
            model_name="accountevent",
            index=models.Index(condition=models.Q(("actor__isnull", False)), fields=["actor"], name="events_of_actor"),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                DropIndexLive("audit_of_actor", "accounts_auditentry", "actor_id", "at"),
                DropIndexLive("accounts_accountevent_actor_id_e029ef89", "accounts_accountevent", "actor_id"),
            ],
            state_operations=[
                migrations.RemoveIndex(model_name="auditentry", name="audit_of_actor"),
                migrations.AlterField(
                    model_name="accountevent",
                    name="actor",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
