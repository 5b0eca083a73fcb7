import accounts.workspace.models
import datetime
import django.core.validators
import django.db.models.deletion
import retention.slas.models
from django.conf import settings
from django.db import migrations, models

from accounts.foundation.tables import Tables


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0014_privacy'),
        ('accounts', '__first__'),
        ('retention', '0009_stages_answered_for'),
    ]

    operations = [
        Tables(
            [
                migrations.CreateModel(
                    name='BusinessCalendar',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=80, unique=True, validators=[django.core.validators.RegexValidator('\\A[a-z0-9][a-z0-9_-]*\\Z', 'Use lower-case letters, digits, hyphens and underscores, starting with a letter or digit.')])),
                        ('name', models.CharField(max_length=120)),
                        ('time_zone', models.CharField(blank=True, help_text='Empty: the zone of whoever has to act.', max_length=64, validators=[accounts.workspace.models.validate_time_zone])),
                        ('opens', models.TimeField(default=datetime.time(9, 0))),
                        ('closes', models.TimeField(default=datetime.time(17, 0))),
                        ('weekdays', models.JSONField(validators=[retention.slas.models.validate_weekdays], verbose_name='days of work')),
                        ('country', models.CharField(blank=True, help_text='Its public holidays are days off.', max_length=2)),
                        ('subdivision', models.CharField(blank=True, help_text='Its code, such as BY; adds the holidays of that part.', max_length=10, verbose_name='state or region')),
                        ('is_default', models.BooleanField(default=False, help_text='Whoever is in no team with a calendar follows this one.', verbose_name='for everybody else')),
                    ],
                    options={
                        'ordering': ['name'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('is_default',), name='one_calendar_is_for_everybody_else', violation_error_message='Another calendar is for everybody else already. Take it off there first.'), models.CheckConstraint(condition=models.Q(('opens__lt', models.F('closes'))), name='a_day_of_work_closes_after_it_opens')],
                    },
                ),
                migrations.CreateModel(
                    name='Clock',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('duration', models.CharField(max_length=10, validators=[retention.slas.models.validate_duration])),
                        ('zone', models.CharField(max_length=64, validators=[accounts.workspace.models.validate_time_zone])),
                        ('started_at', models.DateTimeField()),
                        ('promised_at', models.DateTimeField()),
                        ('due_at', models.DateTimeField(help_text='While it stands still: as it was before.')),
                        ('state', models.CharField(choices=[('running', 'Running'), ('paused', 'Standing still'), ('met', 'Stopped'), ('cancelled', 'Cancelled')], default='running', max_length=9)),
                        ('level', models.PositiveSmallIntegerField(choices=[(0, 'Nobody was told'), (1, 'Its owner was warned'), (2, "Ran out; the owner's manager was told"), (3, 'Twice the time is over; a leader was told')], default=0)),
                        ('next_at', models.DateTimeField(blank=True, null=True)),
                        ('breached_at', models.DateTimeField(blank=True, null=True)),
                        ('ended_at', models.DateTimeField(blank=True, null=True)),
                        ('account', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='clocks', to='accounts.account')),
                        ('calendar', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='clocks', to='retention.businesscalendar')),
                    ],
                    options={
                        'ordering': ['due_at', 'id'],
                        'indexes': [models.Index(condition=models.Q(('state', 'running')), fields=['next_at'], name='clock_tells_next')],
                        'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('ended_at', None), ('state__in', ['running', 'paused'])), models.Q(('ended_at__isnull', False), ('state__in', ['met', 'cancelled'])), _connector='OR'), name='an_ended_clock_has_an_end')],
                    },
                ),
            ]
        ),
        migrations.AddField(
            model_name='workitem',
            name='clock',
            field=models.OneToOneField(blank=True, help_text='Where the due time was promised in business time; it moves with the clock.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='work', to='retention.clock'),
        ),
        Tables(
            [
                migrations.CreateModel(
                    name='ClosedDay',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('day', models.DateField()),
                        ('name', models.CharField(max_length=120)),
                        ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='closed_days', to='retention.businesscalendar')),
                    ],
                    options={
                        'ordering': ['day'],
                        'constraints': [models.UniqueConstraint(fields=('calendar', 'day'), name='a_day_off_stands_once_a_calendar')],
                    },
                ),
                migrations.CreateModel(
                    name='Pause',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('reason', models.CharField(choices=[('customer', 'Waiting for the customer'), ('third_party', 'Waiting for somebody else outside'), ('agreed', 'Put off by agreement')], max_length=11)),
                        ('since', models.DateTimeField()),
                        ('until', models.DateTimeField(blank=True, null=True)),
                        ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('clock', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pauses', to='retention.clock')),
                    ],
                    options={
                        'ordering': ['since', 'id'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('until', None)), fields=('clock',), name='a_clock_stands_still_once'), models.CheckConstraint(condition=models.Q(('until', None), ('until__gte', models.F('since')), _connector='OR'), name='a_pause_ends_after_it_began')],
                    },
                ),
                migrations.CreateModel(
                    name='TeamCalendar',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('calendar', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='retention.businesscalendar')),
                        ('team', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='calendar', to='accounts.team')),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
            ]
        ),
    ]
