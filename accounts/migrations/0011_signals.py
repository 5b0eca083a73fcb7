import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_calendar_more'),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoryCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('due', 'Due'), ('done', 'Done'), ('dead', 'Given up'), ('discarded', 'Discarded')], default='due', max_length=9)),
                ('next_attempt_at', models.DateTimeField()),
                ('lease_until', models.DateTimeField(blank=True, null=True)),
                ('fence', models.BigIntegerField(default=0)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('error', models.TextField(blank=True)),
                ('failed_at', models.DateTimeField(blank=True, null=True)),
                ('events', models.JSONField(help_text='The event names that are counted.')),
                ('asked_at', models.DateTimeField()),
                ('after', models.BigIntegerField(default=0, help_text='Events up to this id are counted.')),
                ('upto', models.BigIntegerField(blank=True, help_text='The newest event when counting began; later ones are counted as they come.', null=True)),
                ('counted', models.PositiveBigIntegerField(default=0, help_text='Events of these names that were found so far.')),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['-asked_at', '-id'],
                'indexes': [models.Index(condition=models.Q(('state', 'due')), fields=['next_attempt_at'], name='history_count_due')],
            },
        ),
        migrations.RemoveConstraint(
            model_name='arrmovement',
            name='a_movement_has_the_sign_of_its_kind',
        ),
        migrations.AddField(
            model_name='arrmovement',
            name='corrects',
            field=models.ForeignKey(blank=True, help_text='The movement that was booked wrongly; this one adds to it, with either sign.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='accounts.arrmovement'),
        ),
        migrations.AddConstraint(
            model_name='arrmovement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount_minor__gt', 0), ('corrects', None), ('kind__in', ['new', 'expansion', 'reactivation'])), models.Q(('amount_minor__lt', 0), ('corrects', None), ('kind__in', ['contraction', 'churn'])), models.Q(('corrects__isnull', False), models.Q(('amount_minor', 0), _negated=True)), _connector='OR'), name='a_movement_has_the_sign_of_its_kind'),
        ),
        migrations.AddField(
            model_name='historycount',
            name='feature',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='history_counts', to='accounts.feature'),
        ),
        migrations.AddField(
            model_name='historycount',
            name='milestone',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='history_counts', to='accounts.milestone'),
        ),
        migrations.AddConstraint(
            model_name='historycount',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('feature', None), ('milestone__isnull', False)), models.Q(('feature__isnull', False), ('milestone', None)), _connector='OR'), name='a_history_count_is_for_one_entry'),
        ),
        migrations.AddConstraint(
            model_name='historycount',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['due', 'dead'])), fields=('feature',), name='one_open_history_count_per_feature'),
        ),
        migrations.AddConstraint(
            model_name='historycount',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['due', 'dead'])), fields=('milestone',), name='one_open_history_count_per_milestone'),
        ),
    ]
