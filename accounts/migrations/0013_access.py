"""Absences with their stand-ins, and an audit trail that refuses edits."""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

PROTECT = """
CREATE FUNCTION holdfast_trail_is_final() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'Entries of the audit trail are never changed or deleted.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER trail_is_final BEFORE UPDATE OR DELETE ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION holdfast_trail_is_final()
"""
UNPROTECT = """
DROP TRIGGER trail_is_final ON accounts_auditentry;
DROP FUNCTION holdfast_trail_is_final()
"""


def protect(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(PROTECT)


def unprotect(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(UNPROTECT)


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_idempotency'),
    ]

    operations = [
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField()),
                ('ends_at', models.DateTimeField(help_text='The first instant at which they are back.')),
            ],
            options={
                'ordering': ['starts_at', 'id'],
            },
        ),
        migrations.AddField(
            model_name='auditentry',
            name='behalf_of_id',
            field=models.BigIntegerField(blank=True, help_text='User for whom the actor stood in.', null=True),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['at', 'id'], name='audit_by_time'),
        ),
        migrations.AddField(
            model_name='absence',
            name='stand_in',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stands_in', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='absence',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='absences', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='absence',
            index=models.Index(fields=['stand_in', 'ends_at'], name='absences_covered_by'),
        ),
        migrations.AddIndex(
            model_name='absence',
            index=models.Index(fields=['user', 'ends_at'], name='absences_of_user'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='an_absence_ends_after_it_starts'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.CheckConstraint(condition=models.Q(('stand_in', models.F('user')), _negated=True), name='nobody_stands_in_for_themselves'),
        ),
        migrations.RunPython(protect, unprotect),
    ]
