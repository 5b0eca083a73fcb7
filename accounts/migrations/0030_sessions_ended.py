"""Counts how often somebody signed out everywhere: their sessions end with it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0029_deeds_of_people")]

    operations = [
        migrations.AddField("user", "sessions_ended", models.PositiveIntegerField(default=0, editable=False)),
    ]
