"""Bodies in the inbox live for seconds: packing them as PostgreSQL does by default costs more than all else about them."""

from typing import Any

from django.db import migrations

QUICKLY = """
DO $$ BEGIN
    EXECUTE 'ALTER TABLE accounts_inboxrequest ALTER COLUMN body SET COMPRESSION lz4';
EXCEPTION WHEN feature_not_supported OR invalid_parameter_value THEN  -- a server built without lz4: not packed at all
    EXECUTE 'ALTER TABLE accounts_inboxrequest ALTER COLUMN body SET STORAGE EXTERNAL';
END $$
"""
AS_BEFORE = """
ALTER TABLE accounts_inboxrequest ALTER COLUMN body SET COMPRESSION default, ALTER COLUMN body SET STORAGE EXTENDED
"""


def pack_quickly(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(QUICKLY)


def pack_as_before(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(AS_BEFORE)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_signals_identity_profile")]
    operations = [migrations.RunPython(pack_quickly, pack_as_before)]
