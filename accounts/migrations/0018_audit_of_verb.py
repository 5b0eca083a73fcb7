from django.db import migrations, models

from accounts.foundation.migrating import AddIndexLive


class Migration(migrations.Migration):
    atomic = False  # the trail is long: the index is built while others write into it

    dependencies = [("accounts", "0017_user_function")]

    operations = [
        AddIndexLive("auditentry", models.Index(fields=["verb", "at"], name="audit_of_verb")),
    ]
