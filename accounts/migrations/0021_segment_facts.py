from django.db import migrations, models


class Migration(migrations.Migration):
    """Columns for what segments read and make: who pays, since when, and when the next touch is due."""

    dependencies = [
        ("accounts", "0019_fewer_indexes"),
    ]

    operations = [
        migrations.AddField(
            model_name="accountfacts",
            name="has_paid_contract",
            field=models.BooleanField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="accountfacts",
            name="first_contract_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="accountfacts",
            name="next_touch_due_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
