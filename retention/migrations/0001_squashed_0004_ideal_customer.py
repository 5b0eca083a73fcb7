"""The tables of 0001 to 0004 in one step, for new installations: each is made once, as it became.

The words moved in 0002 do not exist in a new one.
"""

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.foundation.tables import Tables


class Migration(migrations.Migration):

    replaces = [('retention', '0001_initial'), ('retention', '0002_one_standing_an_account'), ('retention', '0003_conditions_finished'), ('retention', '0004_ideal_customer')]

    initial = True

    dependencies = [
        ('accounts', '0001_squashed_0009_signals_finish'),
        ('accounts', '0001_squashed_0009_signals_finish'),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='FullPass',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('started_at', models.DateTimeField()),
                        ('finished_at', models.DateTimeField(blank=True, null=True)),
                        ('accounts', models.PositiveIntegerField(default=0)),
                        ('missed', models.PositiveIntegerField(default=0, verbose_name='verdicts missed')),
                    ],
                    options={
                        'verbose_name_plural': 'full passes',
                        'ordering': ['-started_at'],
                    },
                ),
                migrations.CreateModel(
                    name='Edge',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('n', models.PositiveIntegerField(help_text='Counts the edges of this watch for this account.')),
                        ('direction', models.CharField(choices=[('entered', 'Became true'), ('left', 'Became false')], max_length=7)),
                        ('cause', models.CharField(choices=[('data', 'New data'), ('time', 'Time passed'), ('definition', 'The rule was changed'), ('correction', 'Data was corrected')], max_length=10)),
                        ('at', models.DateTimeField()),
                        ('definition', models.CharField(max_length=120)),
                        ('clauses', models.JSONField(help_text='Each comparison that decided, with the value observed.')),
                        ('pending', models.BooleanField(default=False)),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='edges', to='accounts.account')),
                    ],
                    options={
                        'ordering': ['-at', '-id'],
                        'indexes': [models.Index(condition=models.Q(('pending', True)), fields=['id'], name='edge_pending')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('n__gte', 1)), name='edges_count_from_one')],
                    },
                ),
                migrations.CreateModel(
                    name='IdealProfile',
                    fields=[
                        ('id', models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                        ('fit_from', models.PositiveSmallIntegerField(default=60)),
                        ('review_from', models.PositiveSmallIntegerField(default=40)),
                        ('changed_at', models.DateTimeField()),
                    ],
                    options={
                        'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='there_is_one_ideal_profile'), models.CheckConstraint(condition=models.Q(('fit_from__lte', 100), ('review_from__lte', models.F('fit_from'))), name='bands_of_fit_do_not_overlap')],
                    },
                ),
                migrations.CreateModel(
                    name='Lifecycle',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=80, unique=True, validators=[django.core.validators.RegexValidator('\\A[a-z0-9][a-z0-9_-]*\\Z', 'Use lower-case letters, digits, hyphens and underscores, starting with a letter or digit.')])),
                        ('name', models.CharField(max_length=120)),
                        ('is_primary', models.BooleanField(default=False, verbose_name='primary')),
                    ],
                    options={
                        'ordering': ['-is_primary', 'name'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('is_primary', True)), fields=('is_primary',), name='one_lifecycle_is_primary')],
                    },
                ),
                migrations.CreateModel(
                    name='LifecycleVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('published_at', models.DateTimeField()),
                        ('lifecycle', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='retention.lifecycle')),
                        ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-number'],
                        'constraints': [models.UniqueConstraint(fields=('lifecycle', 'number'), name='lifecycle_versions_are_numbered')],
                    },
                ),
                migrations.CreateModel(
                    name='Stage',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=80, validators=[django.core.validators.RegexValidator('\\A[a-z0-9][a-z0-9_-]*\\Z', 'Use lower-case letters, digits, hyphens and underscores, starting with a letter or digit.')])),
                        ('name', models.CharField(max_length=120)),
                        ('meaning', models.CharField(blank=True, max_length=250)),
                        ('position', models.PositiveSmallIntegerField()),
                        ('enter', models.JSONField()),
                        ('leave', models.JSONField(blank=True, help_text='Empty: it is left when the entry criteria become false.', null=True)),
                        ('enter_after_days', models.PositiveSmallIntegerField(blank=True, help_text='Days for which the entry criteria must have held; empty: at once.', null=True)),
                        ('leave_after_days', models.PositiveSmallIntegerField(blank=True, help_text='Days for which the exit criteria must have held; empty: at once.', null=True)),
                        ('is_passing', models.BooleanField(default=False, help_text='Kept beside the stage reached (renewal), not instead.')),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stages', to='retention.lifecycleversion')),
                    ],
                    options={
                        'ordering': ['version', 'position'],
                        'constraints': [models.UniqueConstraint(fields=('version', 'key'), name='stage_keys_differ_within_a_version'), models.UniqueConstraint(fields=('version', 'position'), name='stage_positions_differ_within_a_version')],
                    },
                ),
                migrations.CreateModel(
                    name='AccountStage',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('since', models.DateTimeField()),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stages', to='accounts.account')),
                        ('lifecycle', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.lifecycle')),
                        ('reached', models.ForeignKey(blank=True, help_text='The stage reached, kept while a passing stage such as renewal is on top.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.stage')),
                        ('stage', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.stage')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('account', 'lifecycle'), name='an_account_stands_once_a_lifecycle')],
                    },
                ),
                migrations.CreateModel(
                    name='StageChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('cause', models.CharField(choices=[('data', 'New data'), ('time', 'Time passed'), ('definition', 'The rule was changed'), ('correction', 'Data was corrected')], max_length=10)),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stage_changes', to='accounts.account')),
                        ('edge', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.edge')),
                        ('from_stage', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.stage')),
                        ('lifecycle', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.lifecycle')),
                        ('to_stage', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.stage')),
                    ],
                    options={
                        'ordering': ['-at', '-id'],
                        'indexes': [models.Index(fields=['account', 'at'], name='stage_changes_of_account')],
                    },
                ),
                migrations.CreateModel(
                    name='Standing',
                    fields=[
                        ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='standing', serialize=False, to='accounts.account')),
                        ('true_0', models.BigIntegerField(db_default=0, default=0)),
                        ('true_1', models.BigIntegerField(db_default=0, default=0)),
                        ('true_2', models.BigIntegerField(db_default=0, default=0)),
                        ('true_3', models.BigIntegerField(db_default=0, default=0)),
                        ('true_4', models.BigIntegerField(db_default=0, default=0)),
                        ('true_5', models.BigIntegerField(db_default=0, default=0)),
                        ('true_6', models.BigIntegerField(db_default=0, default=0)),
                        ('true_7', models.BigIntegerField(db_default=0, default=0)),
                        ('held_0', models.BigIntegerField(db_default=0, default=0)),
                        ('held_1', models.BigIntegerField(db_default=0, default=0)),
                        ('held_2', models.BigIntegerField(db_default=0, default=0)),
                        ('held_3', models.BigIntegerField(db_default=0, default=0)),
                        ('held_4', models.BigIntegerField(db_default=0, default=0)),
                        ('held_5', models.BigIntegerField(db_default=0, default=0)),
                        ('held_6', models.BigIntegerField(db_default=0, default=0)),
                        ('held_7', models.BigIntegerField(db_default=0, default=0)),
                        ('since', models.JSONField(db_default={}, default=dict, help_text='Slot → microseconds since 1970 when it became true.')),
                        ('wake_at', models.DateTimeField(blank=True, null=True)),
                        ('wake_on', models.DateField(blank=True, null=True)),
                        ('changed_at', models.DateTimeField()),
                    ],
                    options={
                        'indexes': [models.Index(fields=['wake_at'], name='standing_wakes_at'), models.Index(fields=['wake_on'], name='standing_wakes_on')],
                    },
                ),
                migrations.CreateModel(
                    name='Watch',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(help_text='Who wants it: stage:… or play:…', max_length=200, unique=True)),
                        ('reader', models.CharField(help_text='The room that reads its edges.', max_length=20)),
                        ('definition', models.CharField(help_text='The version whose condition it is.', max_length=120)),
                        ('decides', models.CharField(blank=True, help_text='The fact that follows from it, such as stage.', max_length=80)),
                        ('enter', models.JSONField()),
                        ('leave', models.JSONField(blank=True, null=True)),
                        ('enter_after_days', models.PositiveSmallIntegerField(blank=True, null=True)),
                        ('leave_after_days', models.PositiveSmallIntegerField(blank=True, null=True)),
                        ('stays_while_true', models.BooleanField(default=False, help_text='Does not leave while its entry condition is true, whatever `leave` says.')),
                        ('slot', models.PositiveIntegerField(blank=True, null=True, unique=True)),
                        ('active', models.BooleanField(default=True)),
                        ('changed_at', models.DateTimeField()),
                        ('preparing', models.CharField(blank=True, choices=[('', 'Ready'), ('afresh', 'First look'), ('edit', 'Changed rule'), ('settle', 'Other order'), ('release', 'Giving its slot back')], default='', max_length=7)),
                        ('prepared_to', models.BigIntegerField(default=0, help_text='Accounts up to this id are prepared.')),
                        ('prepare_until', models.BigIntegerField(default=0, help_text='The last account that existed when it began.')),
                    ],
                    options={
                        'verbose_name_plural': 'watches',
                        'ordering': ['slot'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('active', False), ('slot__isnull', False), _connector='OR'), name='an_active_watch_has_a_slot')],
                    },
                ),
                migrations.AddField(
                    model_name='edge',
                    name='watch',
                    field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='edges', to='retention.watch'),
                ),
                migrations.CreateModel(
                    name='WorkItem',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=30)),
                        ('title', models.CharField(max_length=250)),
                        ('guidance', models.TextField(blank=True)),
                        ('due_at', models.DateTimeField()),
                        ('state', models.CharField(choices=[('open', 'Open'), ('done', 'Done'), ('dismissed', 'Dismissed')], default='open', max_length=9)),
                        ('outcome', models.CharField(blank=True, max_length=30)),
                        ('note', models.TextField(blank=True)),
                        ('minutes', models.PositiveIntegerField(blank=True, help_text='Minutes spent.', null=True)),
                        ('created_at', models.DateTimeField()),
                        ('closed_at', models.DateTimeField(blank=True, null=True)),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='work', to='accounts.account')),
                        ('assignee', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='work', to=settings.AUTH_USER_MODEL)),
                        ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['due_at', 'id'],
                        'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['assignee', 'due_at'], name='work_open_of_user'), models.Index(fields=['account', 'state', 'due_at'], name='work_of_account')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('outcome', ''), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('closed_at__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='closed_work_has_an_outcome_and_a_time')],
                    },
                ),
                migrations.CreateModel(
                    name='FitCriterion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=80, validators=[django.core.validators.RegexValidator('\\A[a-z0-9][a-z0-9_-]*\\Z', 'Use lower-case letters, digits, hyphens and underscores, starting with a letter or digit.')])),
                        ('label', models.CharField(max_length=120)),
                        ('weight', models.PositiveSmallIntegerField()),
                        ('matches', models.JSONField(help_text='The condition that a fitting account fulfils.')),
                        ('position', models.PositiveSmallIntegerField()),
                        ('profile', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='criteria', to='retention.idealprofile')),
                    ],
                    options={
                        'verbose_name_plural': 'fit criteria',
                        'ordering': ['position'],
                        'constraints': [models.UniqueConstraint(fields=('profile', 'key'), name='a_criterion_stands_once_in_its_profile'), models.CheckConstraint(condition=models.Q(('weight__lte', 100)), name='a_weight_is_at_most_100')],
                    },
                ),
                migrations.CreateModel(
                    name='Incident',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('missed', 'A full pass found verdicts that were missed'), ('rounds', 'Rules chase each other'), ('unreadable', 'A rule cannot be read any more')], max_length=10)),
                        ('subject', models.CharField(help_text='What it is about; one open incident a subject.', max_length=200)),
                        ('at', models.DateTimeField()),
                        ('last_seen_at', models.DateTimeField()),
                        ('times', models.PositiveIntegerField(default=1)),
                        ('details', models.JSONField(default=list, help_text='One line each: account, rule, what was found.')),
                        ('closed_at', models.DateTimeField(blank=True, null=True)),
                        ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-last_seen_at'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('kind', 'subject'), name='one_open_incident_a_subject')],
                    },
                ),
                migrations.AddConstraint(
                    model_name='edge',
                    constraint=models.UniqueConstraint(fields=('watch', 'account', 'n'), name='one_edge_per_watch_account_and_count'),
                ),
            ]
        ),
    ]
