import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0014_privacy'),
        ('accounts', '__first__'),
        ('retention', '0007_health'),
    ]

    operations = [
        migrations.CreateModel(
            name='StagePlacement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(help_text='Key of the stage.', max_length=80)),
                ('instead_of', models.CharField(blank=True, help_text='What the criteria said; empty: none.', max_length=80)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('until', models.DateField(blank=True, null=True)),
                ('placed_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_because', models.CharField(blank=True, choices=[('criteria', 'The criteria said something new'), ('date', 'Its last day is over'), ('hand', 'Somebody ended it'), ('gone', 'The stage is gone')], max_length=8)),
            ],
            options={
                'ordering': ['-placed_at', '-id'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_because', '')), models.Q(('ended_at__isnull', False), models.Q(('ended_because', ''), _negated=True)), _connector='OR'), name='an_ended_placement_says_why')],
            },
        ),
        migrations.AddField(
            model_name='stage',
            name='behind_days',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Longer than so many days is behind; empty: never.', null=True),
        ),
        migrations.AddField(
            model_name='stage',
            name='normal_days',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Days in it that are usual; empty: nobody has said.', null=True),
        ),
        migrations.AddField(
            model_name='stage',
            name='pace_from',
            field=models.CharField(blank=True, help_text='The date from which days count; empty: from entering.', max_length=80),
        ),
        migrations.AddField(
            model_name='stage',
            name='raci_cs',
            field=models.CharField(blank=True, choices=[('AR', 'Accountable and responsible'), ('A', 'Accountable'), ('R', 'Responsible'), ('C', 'Consulted'), ('I', 'Informed')], max_length=2),
        ),
        migrations.AddField(
            model_name='stage',
            name='raci_marketing',
            field=models.CharField(blank=True, choices=[('AR', 'Accountable and responsible'), ('A', 'Accountable'), ('R', 'Responsible'), ('C', 'Consulted'), ('I', 'Informed')], max_length=2),
        ),
        migrations.AddField(
            model_name='stage',
            name='raci_revops',
            field=models.CharField(blank=True, choices=[('AR', 'Accountable and responsible'), ('A', 'Accountable'), ('R', 'Responsible'), ('C', 'Consulted'), ('I', 'Informed')], max_length=2),
        ),
        migrations.AddField(
            model_name='stage',
            name='raci_sales',
            field=models.CharField(blank=True, choices=[('AR', 'Accountable and responsible'), ('A', 'Accountable'), ('R', 'Responsible'), ('C', 'Consulted'), ('I', 'Informed')], max_length=2),
        ),
        migrations.AddField(
            model_name='stage',
            name='raci_support',
            field=models.CharField(blank=True, choices=[('AR', 'Accountable and responsible'), ('A', 'Accountable'), ('R', 'Responsible'), ('C', 'Consulted'), ('I', 'Informed')], max_length=2),
        ),
        migrations.AddField(
            model_name='stage',
            name='stuck_days',
            field=models.PositiveSmallIntegerField(blank=True, help_text='Longer than so many days is stuck; empty: never.', null=True),
        ),
        migrations.AlterField(
            model_name='stagechange',
            name='cause',
            field=models.CharField(choices=[('data', 'New data'), ('time', 'Time passed'), ('definition', 'The rule was changed'), ('correction', 'Data was corrected'), ('hand', 'Moved by hand')], max_length=10),
        ),
        migrations.AddConstraint(
            model_name='stage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('raci_cs', ''), ('raci_marketing', ''), ('raci_revops', ''), ('raci_sales', ''), ('raci_support', '')), models.Q(models.Q(models.Q(('raci_sales__in', ('A', 'AR')), models.Q(('raci_marketing__in', ('A', 'AR')), _negated=True), models.Q(('raci_cs__in', ('A', 'AR')), _negated=True), models.Q(('raci_support__in', ('A', 'AR')), _negated=True), models.Q(('raci_revops__in', ('A', 'AR')), _negated=True)), models.Q(('raci_marketing__in', ('A', 'AR')), models.Q(('raci_sales__in', ('A', 'AR')), _negated=True), models.Q(('raci_cs__in', ('A', 'AR')), _negated=True), models.Q(('raci_support__in', ('A', 'AR')), _negated=True), models.Q(('raci_revops__in', ('A', 'AR')), _negated=True)), models.Q(('raci_cs__in', ('A', 'AR')), models.Q(('raci_sales__in', ('A', 'AR')), _negated=True), models.Q(('raci_marketing__in', ('A', 'AR')), _negated=True), models.Q(('raci_support__in', ('A', 'AR')), _negated=True), models.Q(('raci_revops__in', ('A', 'AR')), _negated=True)), models.Q(('raci_support__in', ('A', 'AR')), models.Q(('raci_sales__in', ('A', 'AR')), _negated=True), models.Q(('raci_marketing__in', ('A', 'AR')), _negated=True), models.Q(('raci_cs__in', ('A', 'AR')), _negated=True), models.Q(('raci_revops__in', ('A', 'AR')), _negated=True)), models.Q(('raci_revops__in', ('A', 'AR')), models.Q(('raci_sales__in', ('A', 'AR')), _negated=True), models.Q(('raci_marketing__in', ('A', 'AR')), _negated=True), models.Q(('raci_cs__in', ('A', 'AR')), _negated=True), models.Q(('raci_support__in', ('A', 'AR')), _negated=True)), _connector='OR'), models.Q(('raci_sales__in', ('R', 'AR')), ('raci_marketing__in', ('R', 'AR')), ('raci_cs__in', ('R', 'AR')), ('raci_support__in', ('R', 'AR')), ('raci_revops__in', ('R', 'AR')), _connector='OR')), _connector='OR'), name='a_stage_has_one_accountable_and_somebody_responsible'),
        ),
        migrations.AddConstraint(
            model_name='stage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('normal_days__isnull', True), ('behind_days__isnull', True), ('normal_days__lte', models.F('behind_days')), _connector='OR'), models.Q(('behind_days__isnull', True), ('stuck_days__isnull', True), ('behind_days__lte', models.F('stuck_days')), _connector='OR'), models.Q(('normal_days__isnull', True), ('stuck_days__isnull', True), ('normal_days__lte', models.F('stuck_days')), _connector='OR')), name='behind_comes_after_normal_and_stuck_after_behind'),
        ),
        migrations.AddField(
            model_name='stageplacement',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stage_placements', to='accounts.account'),
        ),
        migrations.AddField(
            model_name='stageplacement',
            name='lifecycle',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.lifecycle'),
        ),
        migrations.AddField(
            model_name='stageplacement',
            name='placed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='stagechange',
            name='placement',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='retention.stageplacement'),
        ),
        migrations.AddIndex(
            model_name='stagechange',
            index=models.Index(fields=['lifecycle', 'at'], name='stage_changes_of_lifecycle'),
        ),
        migrations.AddConstraint(
            model_name='stageplacement',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('account', 'lifecycle'), name='one_open_placement_an_account_and_lifecycle'),
        ),
    ]
