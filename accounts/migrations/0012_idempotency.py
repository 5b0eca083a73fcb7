
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0011_signals'),
    ]

    operations = [
        migrations.CreateModel(
            name='Allowance',
            fields=[
                ('bucket', models.CharField(help_text='Keyed hash of the limit and the caller.', max_length=64, primary_key=True, serialize=False)),
                ('began_ms', models.BigIntegerField(help_text='Milliseconds since 1970.')),
                ('used', models.BigIntegerField()),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='apikey',
            name='replaced_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaces', to='accounts.apikey'),
        ),
        migrations.CreateModel(
            name='StoredAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('caller_id', models.BigIntegerField(help_text='The user who asked, or whom an API key acts as.')),
                ('key', models.CharField(max_length=255)),
                ('fingerprint', models.CharField(help_text='Hash of what was asked: method, address and body.', max_length=64)),
                ('status', models.PositiveSmallIntegerField()),
                ('answer', models.TextField(help_text='Content type and body, sealed: an answer may hold a secret.')),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['created_at'],
                'indexes': [models.Index(fields=['created_at'], name='answers_by_age')],
                'constraints': [models.UniqueConstraint(fields=('caller_id', 'key'), name='one_answer_per_caller_and_key')],
            },
        ),
    ]
