import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.foundation.tables import Tables


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0021_segment_facts'),
        ('accounts', '__first__'),
        ('retention', '0001_squashed_0004_ideal_customer'),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='Dimension',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=80, unique=True, validators=[django.core.validators.RegexValidator('\\A[a-z0-9][a-z0-9_-]*\\Z', 'Use lower-case letters, digits, hyphens and underscores, starting with a letter or digit.')])),
                        ('name', models.CharField(max_length=120)),
                        ('meaning', models.CharField(blank=True, max_length=250)),
                    ],
                    options={
                        'ordering': ['name'],
                    },
                ),
                migrations.CreateModel(
                    name='DimensionVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('published_at', models.DateTimeField()),
                        ('dimension', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='retention.dimension')),
                        ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-number'],
                        'constraints': [models.UniqueConstraint(fields=('dimension', 'number'), name='dimension_versions_are_numbered')],
                    },
                ),
                migrations.CreateModel(
                    name='Segment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=80, validators=[django.core.validators.RegexValidator('\\A[a-z0-9][a-z0-9_-]*\\Z', 'Use lower-case letters, digits, hyphens and underscores, starting with a letter or digit.')])),
                        ('name', models.CharField(max_length=120)),
                        ('meaning', models.CharField(blank=True, max_length=250)),
                        ('position', models.PositiveSmallIntegerField()),
                        ('condition', models.JSONField(blank=True, help_text='Empty in the last one: whoever is in no other.', null=True)),
                        ('basis', models.CharField(blank=True, choices=[('published', 'Published'), ('practice', 'Common practice')], help_text='Where its figures come from.', max_length=9)),
                        ('strategy', models.TextField(blank=True, help_text='What is done for these accounts.')),
                        ('offers', models.TextField(blank=True, help_text='What may be offered to them, and what may not.')),
                        ('products', models.JSONField(blank=True, default=list, help_text='Keys of products that may be offered; empty: all.')),
                        ('care', models.CharField(blank=True, choices=[('person', 'A named person'), ('pool', 'A pool of people'), ('automation', 'Automation')], max_length=10, verbose_name='looked after by')),
                        ('pool', models.CharField(blank=True, help_text='Team whose people own these accounts; empty: all who are CSM.', max_length=80)),
                        ('assign', models.CharField(blank=True, choices=[('round_robin', 'In turn'), ('fewest', 'Who has the fewest accounts'), ('least_arr', 'Who has the least ARR')], max_length=11, verbose_name='the next account goes to')),
                        ('capacity', models.PositiveIntegerField(blank=True, help_text='Accounts that one person can look after.', null=True)),
                        ('time_share', models.PositiveSmallIntegerField(blank=True, help_text='Per cent of the time of customer success.', null=True, verbose_name='share of CS time')),
                        ('check_in_days', models.PositiveSmallIntegerField(blank=True, help_text='Days between check-ins.', null=True)),
                        ('business_review_days', models.PositiveSmallIntegerField(blank=True, help_text='Days between reviews.', null=True)),
                        ('executive_call_days', models.PositiveSmallIntegerField(blank=True, help_text='Days between calls.', null=True)),
                        ('risk_review_days', models.PositiveSmallIntegerField(blank=True, help_text='Days between reviews.', null=True)),
                        ('retention_target', models.PositiveSmallIntegerField(blank=True, help_text='Per cent of accounts kept over 12 months.', null=True, verbose_name='target, 12-month retention')),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='segments', to='retention.dimensionversion')),
                    ],
                    options={
                        'ordering': ['version', 'position'],
                        'constraints': [models.UniqueConstraint(fields=('version', 'key'), name='segment_keys_differ_within_a_version'), models.UniqueConstraint(fields=('version', 'position'), name='segment_positions_differ_within_a_version'), models.UniqueConstraint(condition=models.Q(('condition__isnull', True)), fields=('version',), name='one_segment_takes_what_nobody_can_tell'), models.CheckConstraint(condition=models.Q(('time_share__isnull', True), ('time_share__lte', 100), _connector='OR'), name='a_share_of_time_is_at_most_all'), models.CheckConstraint(condition=models.Q(('retention_target__isnull', True), ('retention_target__lte', 100), _connector='OR'), name='a_retention_target_is_at_most_all'), models.CheckConstraint(condition=models.Q(('capacity__isnull', True), ('capacity__gt', 0), _connector='OR'), name='a_capacity_is_at_least_one_account')],
                    },
                ),
                migrations.CreateModel(
                    name='AccountSegment',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('since', models.DateTimeField()),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='segments', to='accounts.account')),
                        ('dimension', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.dimension')),
                        ('segment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.segment')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('account', 'dimension'), name='an_account_is_in_one_segment_of_a_dimension')],
                    },
                ),
                migrations.CreateModel(
                    name='SegmentChange',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('cause', models.CharField(choices=[('data', 'New data'), ('time', 'Time passed'), ('definition', 'The rule was changed'), ('correction', 'Data was corrected')], max_length=10)),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='segment_changes', to='accounts.account')),
                        ('dimension', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.dimension')),
                        ('edge', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.edge')),
                        ('from_segment', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.segment')),
                        ('to_segment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.segment')),
                    ],
                    options={
                        'ordering': ['-at', '-id'],
                        'indexes': [models.Index(fields=['account', 'dimension', 'at'], name='segment_changes_of_account'), models.Index(fields=['dimension', 'at'], name='segment_changes_by_time')],
                    },
                ),
            ]
        ),
    ]
