import django.db.models.deletion
from django.db import migrations, models

from accounts.foundation.tables import Tables


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_calendar_more'),
        ('plays', '0003_runs_that_survive'),
        ('retention', '0004_ideal_customer'),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='Moment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('occurrence_key', models.CharField(max_length=200)),
                        ('clauses', models.JSONField(default=list)),
                        ('at', models.DateTimeField(help_text='When it occurred.')),
                        ('noted_at', models.DateTimeField(help_text='When we learnt of it.')),
                    ],
                ),
                migrations.CreateModel(
                    name='Round',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('state', models.CharField(choices=[('due', 'Due'), ('done', 'Done'), ('dead', 'Given up'), ('discarded', 'Discarded')], default='due', max_length=9)),
                        ('next_attempt_at', models.DateTimeField()),
                        ('lease_until', models.DateTimeField(blank=True, null=True)),
                        ('fence', models.BigIntegerField(default=0)),
                        ('tries', models.PositiveSmallIntegerField(default=0)),
                        ('error', models.TextField(blank=True)),
                        ('failed_at', models.DateTimeField(blank=True, null=True)),
                        ('looked_to', models.BigIntegerField(default=0, help_text='How far it has come, by the id of the account.')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('state', 'due')), fields=['next_attempt_at'], name='round_due')],
                    },
                ),
            ]
        ),
        migrations.AddIndex(
            model_name='steprun',
            index=models.Index(condition=models.Q(('state', 'dead')), fields=['failed_at'], name='step_run_dead'),
        ),
        migrations.AddField(
            model_name='moment',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='moment',
            name='play',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='plays.play'),
        ),
        migrations.AddField(
            model_name='round',
            name='occurrence',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.occurrence'),
        ),
        migrations.AddField(
            model_name='round',
            name='play',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='plays.play'),
        ),
        migrations.AddConstraint(
            model_name='moment',
            constraint=models.UniqueConstraint(fields=('play', 'occurrence_key'), name='one_moment_per_play_and_occurrence'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.UniqueConstraint(fields=('play', 'occurrence'), name='one_round_per_play_and_occurrence'),
        ),
    ]
