"""Finds people and what was written to them by their address, in capitals or not, without reading all rows."""

from django.db import migrations, models
from django.db.models.functions import Upper

from accounts.foundation.migrating import AddIndexLive


class Migration(migrations.Migration):
    atomic = False  # the tables are long: the indexes are built while others write into them

    dependencies = [("accounts", "0027_product_user_indexes")]

    operations = [
        AddIndexLive("stakeholder", models.Index(Upper("email"), name="stakeholders_by_address")),
        AddIndexLive("productuser", models.Index(Upper("email"), name="product_users_by_address")),
        AddIndexLive("deliverybody", models.Index(Upper("address"), name="delivery_bodies_by_address")),
    ]
