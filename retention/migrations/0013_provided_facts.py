from django.db import migrations

PROVIDED = ["objectives_closed", "onboarding_items_on_time_share"]
"""Facts that installations defined by hand until plans could tell them; their values are worked out from now on."""


def provide(apps, schema_editor):
    """A definition of the installation would hide the fact of the product that has its key."""
    apps.get_model("accounts", "CustomFact").objects.filter(key__in=PROVIDED).delete()


class Migration(migrations.Migration):

    dependencies = [("retention", "0012_handoffs_plans_and_risks")]

    operations = [migrations.RunPython(provide, migrations.RunPython.noop)]
