from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0016_sign_in")]

    operations = [
        migrations.AddField(
            "user",
            "function",
            models.CharField(blank=True, default="", help_text="What they do here, such as Onboarding, EMEA.", max_length=120),
            preserve_default=False,
        ),
    ]
