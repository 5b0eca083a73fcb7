"""The tables of 0001 to 0003 in one step, for new installations: each is made once, as it became.

The states renamed in 0003 do not exist in a new one.
"""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.foundation.tables import Tables


class Migration(migrations.Migration):

    replaces = [('plays', '0001_initial'), ('plays', '0002_conditions_finished'), ('plays', '0003_runs_that_survive')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed_0009_signals_finish'),
        ('accounts', '0001_squashed_0009_signals_finish'),
        ('retention', '0001_squashed_0004_ideal_customer'),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='Play',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=80, unique=True, validators=[django.core.validators.RegexValidator('\\A[a-z0-9][a-z0-9_-]*\\Z', 'Use lower-case letters, digits, hyphens and underscores, starting with a letter or digit.')])),
                        ('name', models.CharField(max_length=120)),
                        ('is_active', models.BooleanField(default=False, verbose_name='active')),
                        ('activated_at', models.DateTimeField(blank=True, null=True)),
                    ],
                    options={
                        'ordering': ['name'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('is_active', False), ('activated_at__isnull', False), _connector='OR'), name='an_active_play_has_a_start')],
                    },
                ),
                migrations.CreateModel(
                    name='PlayVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('purpose', models.CharField(max_length=250)),
                        ('priority', models.CharField(choices=[('critical', 'Critical'), ('onboarding', 'Onboarding'), ('renewal', 'Renewal'), ('adoption', 'Adoption'), ('expansion', 'Expansion'), ('advocacy', 'Advocacy'), ('education', 'Education'), ('internal', 'Internal')], max_length=10)),
                        ('starts_on', models.CharField(default='entered', help_text='The kind of its trigger: entered, window …', max_length=10)),
                        ('trigger', models.JSONField(help_text='What starts a run: a condition that becomes true, a window …')),
                        ('rearm', models.JSONField(blank=True, help_text='What must be true before it may start again; empty: the trigger is false.', null=True)),
                        ('trigger_after_days', models.PositiveSmallIntegerField(blank=True, help_text='Days for which the trigger must have been true; empty: it starts at once.', null=True)),
                        ('again_after_days', models.PositiveIntegerField(blank=True, help_text='Days after a run started before another may; empty: as often as it happens.', null=True)),
                        ('after_stop', models.CharField(choices=[('skip', 'Leave it out'), ('once', 'Only the latest'), ('catch_up', 'All of it, in order')], default='once', max_length=8)),
                        ('published_at', models.DateTimeField()),
                        ('play', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='plays.play')),
                        ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-number'],
                        'constraints': [models.UniqueConstraint(fields=('play', 'number'), name='play_versions_are_numbered')],
                    },
                ),
                migrations.CreateModel(
                    name='Decision',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('occurrence_key', models.CharField(max_length=200)),
                        ('outcome', models.CharField(choices=[('fired', 'Started'), ('already_open', 'Already running'), ('cooled_down', 'Too soon after the last run'), ('missed', 'Too late')], max_length=12)),
                        ('detail', models.CharField(blank=True, max_length=250)),
                        ('clauses', models.JSONField(default=list)),
                        ('reason', models.CharField(blank=True, help_text='Why somebody started it by hand.', max_length=250)),
                        ('at', models.DateTimeField()),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='accounts.account')),
                        ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('edge', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.edge')),
                        ('play', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='plays.play')),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='plays.playversion')),
                    ],
                    options={
                        'ordering': ['-at', '-id'],
                        'indexes': [models.Index(fields=['account', 'play', 'at'], name='decisions_of_account')],
                        'constraints': [models.UniqueConstraint(fields=('play', 'occurrence_key'), name='one_decision_per_play_and_occurrence')],
                    },
                ),
                migrations.CreateModel(
                    name='Run',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('occurrence_key', models.CharField(max_length=200)),
                        ('state', models.CharField(choices=[('open', 'Running'), ('ended', 'Ended')], default='open', max_length=5)),
                        ('started_at', models.DateTimeField()),
                        ('ended_at', models.DateTimeField(blank=True, null=True)),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='accounts.account')),
                        ('decision', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='run', to='plays.decision')),
                        ('play', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='plays.play')),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='plays.playversion')),
                    ],
                    options={
                        'ordering': ['-started_at', '-id'],
                        'indexes': [models.Index(fields=['account', 'started_at'], name='runs_of_account')],
                        'constraints': [models.UniqueConstraint(fields=('play', 'occurrence_key'), name='one_run_per_play_and_occurrence'), models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('play', 'account'), name='one_open_run_per_play_and_account'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state', 'open')), models.Q(('ended_at__isnull', False), ('state', 'ended')), _connector='OR'), name='an_ended_run_has_an_end')],
                    },
                ),
                migrations.CreateModel(
                    name='StepDefinition',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('position', models.PositiveSmallIntegerField()),
                        ('key', models.CharField(max_length=80, validators=[django.core.validators.RegexValidator('\\A[a-z0-9][a-z0-9_-]*\\Z', 'Use lower-case letters, digits, hyphens and underscores, starting with a letter or digit.')])),
                        ('kind', models.CharField(max_length=30)),
                        ('config', models.JSONField(default=dict)),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='plays.playversion')),
                    ],
                    options={
                        'ordering': ['version', 'position'],
                        'constraints': [models.UniqueConstraint(fields=('version', 'position'), name='step_positions_differ_within_a_version'), models.UniqueConstraint(fields=('version', 'key'), name='step_keys_differ_within_a_version')],
                    },
                ),
                migrations.CreateModel(
                    name='StepRun',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('next_attempt_at', models.DateTimeField()),
                        ('lease_until', models.DateTimeField(blank=True, null=True)),
                        ('fence', models.BigIntegerField(default=0)),
                        ('tries', models.PositiveSmallIntegerField(default=0)),
                        ('error', models.TextField(blank=True)),
                        ('failed_at', models.DateTimeField(blank=True, null=True)),
                        ('state', models.CharField(choices=[('due', 'Due'), ('waiting', 'In progress'), ('done', 'Done'), ('dead', 'Given up'), ('discarded', 'Discarded')], default='due', max_length=9)),
                        ('started_at', models.DateTimeField(blank=True, null=True)),
                        ('ended_at', models.DateTimeField(blank=True, null=True)),
                        ('definition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='plays.stepdefinition')),
                        ('run', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='plays.run')),
                        ('work_item', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='step_run', to='retention.workitem')),
                    ],
                    options={
                        'ordering': ['run', 'definition__position'],
                        'indexes': [models.Index(condition=models.Q(('state', 'due')), fields=['next_attempt_at'], name='step_run_due')],
                        'constraints': [models.UniqueConstraint(fields=('run', 'definition'), name='a_run_does_a_step_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Candidate',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('state', models.CharField(choices=[('due', 'Due'), ('done', 'Done'), ('dead', 'Given up'), ('discarded', 'Discarded')], default='due', max_length=9)),
                        ('next_attempt_at', models.DateTimeField()),
                        ('lease_until', models.DateTimeField(blank=True, null=True)),
                        ('fence', models.BigIntegerField(default=0)),
                        ('tries', models.PositiveSmallIntegerField(default=0)),
                        ('error', models.TextField(blank=True)),
                        ('failed_at', models.DateTimeField(blank=True, null=True)),
                        ('occurrence_key', models.CharField(max_length=200)),
                        ('clauses', models.JSONField(default=list)),
                        ('at', models.DateTimeField(help_text='When it occurred.')),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account')),
                        ('edge', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.edge')),
                        ('play', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='plays.play')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('state', 'due')), fields=['next_attempt_at'], name='candidate_due')],
                        'constraints': [models.UniqueConstraint(fields=('play', 'occurrence_key'), name='one_candidate_per_play_and_occurrence')],
                    },
                ),
            ]
        ),
    ]
