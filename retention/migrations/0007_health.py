import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.foundation.tables import Tables


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0014_privacy'),
        ('accounts', '__first__'),
        ('retention', '0005_segments'),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='HealthModel',
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
                    name='HealthModelVersion',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('number', models.PositiveIntegerField()),
                        ('published_at', models.DateTimeField()),
                        ('applies', models.JSONField(help_text='The condition on accounts that are scored by this model.')),
                        ('precedence', models.PositiveSmallIntegerField(help_text='The model with the lowest number that applies scores.')),
                        ('green_from', models.PositiveSmallIntegerField(default=75)),
                        ('amber_from', models.PositiveSmallIntegerField(default=50, help_text='Below: red.')),
                        ('enough_percent', models.PositiveSmallIntegerField(default=60, help_text='With less than this share of the weight known, there is no score.')),
                        ('margin_points', models.PositiveSmallIntegerField(default=3, help_text='A band is left this far beyond its border…')),
                        ('margin_days', models.PositiveSmallIntegerField(default=3, help_text='… or after so many days beyond it.')),
                        ('contradiction', models.JSONField(blank=True, help_text='Which measures contradict each other, and what is done about it.', null=True)),
                        ('model', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='retention.healthmodel')),
                        ('published_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-number'],
                        'constraints': [models.UniqueConstraint(fields=('model', 'number'), name='health_versions_are_numbered'), models.CheckConstraint(condition=models.Q(('amber_from__gte', 1), ('amber_from__lt', models.F('green_from')), ('green_from__lte', 100)), name='health_bands_have_no_gap'), models.CheckConstraint(condition=models.Q(('enough_percent__lte', 100)), name='enough_is_a_share_of_the_weight')],
                    },
                ),
                migrations.CreateModel(
                    name='HealthMeasure',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=80, validators=[django.core.validators.RegexValidator('\\A[a-z0-9][a-z0-9_-]*\\Z', 'Use lower-case letters, digits, hyphens and underscores, starting with a letter or digit.')])),
                        ('name', models.CharField(max_length=120)),
                        ('position', models.PositiveSmallIntegerField()),
                        ('weight', models.PositiveSmallIntegerField()),
                        ('scale', models.JSONField(help_text='How facts become points from 0 to 100.')),
                        ('missing', models.CharField(choices=[('exclude', 'Leave out'), ('worst', 'Count as 0'), ('neutral', 'Count as 50')], default='exclude', max_length=7)),
                        ('worst_where', models.JSONField(blank=True, help_text='A missing value counts as 0 for the accounts that meet this condition.', null=True)),
                        ('basis', models.CharField(choices=[('published', 'Published'), ('practice', 'Practice')], default='practice', max_length=9)),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='measures', to='retention.healthmodelversion')),
                    ],
                    options={
                        'ordering': ['version', 'position'],
                        'constraints': [models.UniqueConstraint(fields=('version', 'key'), name='a_measure_stands_once_in_its_version'), models.CheckConstraint(condition=models.Q(('weight__lte', 100)), name='a_measure_weighs_at_most_100')],
                    },
                ),
                migrations.CreateModel(
                    name='HealthCap',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=80, validators=[django.core.validators.RegexValidator('\\A[a-z0-9][a-z0-9_-]*\\Z', 'Use lower-case letters, digits, hyphens and underscores, starting with a letter or digit.')])),
                        ('name', models.CharField(max_length=120)),
                        ('position', models.PositiveSmallIntegerField()),
                        ('when', models.JSONField()),
                        ('at_most', models.PositiveSmallIntegerField()),
                        ('basis', models.CharField(choices=[('published', 'Published'), ('practice', 'Practice')], default='practice', max_length=9)),
                        ('version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='caps', to='retention.healthmodelversion')),
                    ],
                    options={
                        'ordering': ['version', 'position'],
                        'constraints': [models.UniqueConstraint(fields=('version', 'key'), name='a_cap_stands_once_in_its_version'), models.CheckConstraint(condition=models.Q(('at_most__lte', 100)), name='a_cap_is_at_most_100')],
                    },
                ),
                migrations.CreateModel(
                    name='AccountHealth',
                    fields=[
                        ('account', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='health', serialize=False, to='accounts.account')),
                        ('score', models.FloatField(blank=True, null=True)),
                        ('known_share', models.FloatField(default=0)),
                        ('computed_band', models.CharField(blank=True, choices=[('green', 'Green'), ('amber', 'Amber'), ('red', 'Red'), ('insufficient', 'Insufficient data')], max_length=12)),
                        ('band', models.CharField(blank=True, choices=[('green', 'Green'), ('amber', 'Amber'), ('red', 'Red'), ('insufficient', 'Insufficient data')], max_length=12)),
                        ('band_since', models.DateTimeField()),
                        ('outside_since', models.DateField(blank=True, help_text='Since when the score lies beyond the border of its band.', null=True)),
                        ('is_mixed', models.BooleanField(default=False, verbose_name='mixed')),
                        ('capped_by', models.CharField(blank=True, help_text='The cap that holds the score down.', max_length=80)),
                        ('configured_at', models.DateTimeField(help_text='Which versions were in force: those published until then.')),
                        ('scored_at', models.DateTimeField()),
                        ('version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.healthmodelversion')),
                    ],
                    options={
                        'verbose_name_plural': 'account health',
                        'indexes': [models.Index(fields=['band'], name='health_by_band')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('score', None), models.Q(('score__gte', 0), ('score__lte', 100)), _connector='OR'), name='a_health_score_is_0_to_100')],
                    },
                ),
                migrations.CreateModel(
                    name='HealthOverride',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('band', models.CharField(choices=[('green', 'Green'), ('amber', 'Amber'), ('red', 'Red')], max_length=12)),
                        ('reason', models.TextField()),
                        ('from_on', models.DateField(verbose_name='from')),
                        ('days', models.PositiveSmallIntegerField()),
                        ('made_at', models.DateTimeField()),
                        ('ended_at', models.DateTimeField(blank=True, null=True)),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='health_overrides', to='accounts.account')),
                        ('ended_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-made_at', '-id'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('account',), name='an_account_has_one_health_override'), models.CheckConstraint(condition=models.Q(('days__gte', 1), ('days__lte', 60)), name='a_health_override_ends_within_60_days'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='a_health_override_has_a_reason')],
                    },
                ),
                migrations.CreateModel(
                    name='HealthScore',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('score', models.FloatField(blank=True, null=True)),
                        ('known_share', models.FloatField()),
                        ('computed_band', models.CharField(blank=True, choices=[('green', 'Green'), ('amber', 'Amber'), ('red', 'Red'), ('insufficient', 'Insufficient data')], max_length=12)),
                        ('band', models.CharField(blank=True, choices=[('green', 'Green'), ('amber', 'Amber'), ('red', 'Red'), ('insufficient', 'Insufficient data')], max_length=12)),
                        ('data_change', models.FloatField(blank=True, help_text='Points by which new data moved the score.', null=True)),
                        ('configuration_change', models.FloatField(blank=True, help_text='Points by which a published version moved the score.', null=True)),
                        ('parts', models.JSONField(help_text='Measure → points and how they came; caps that held; the score without them.')),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='health_scores', to='accounts.account')),
                        ('version', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.healthmodelversion')),
                    ],
                    options={
                        'ordering': ['-at', '-id'],
                        'indexes': [models.Index(fields=['account', 'at'], name='health_scores_of_account')],
                    },
                ),
            ]
        ),
    ]
