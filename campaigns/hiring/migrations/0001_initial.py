import django.db.models.deletion
import django.utils.timezone
import encrypted_fields.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('planning', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='VisitSalt',
            fields=[
                ('day', models.DateField(primary_key=True, serialize=False)),
                ('salt', models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Candidate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reference', models.CharField(max_length=60, unique=True)),
                ('name', encrypted_fields.fields.EncryptedTextField(blank=True, max_length=200, null=True)),
                ('email', encrypted_fields.fields.EncryptedTextField(blank=True, max_length=254, null=True)),
                ('phone', encrypted_fields.fields.EncryptedTextField(blank=True, max_length=40, null=True)),
                ('stage', models.CharField(choices=[('new', 'New'), ('screened', 'Screened'), ('interview', 'Interview'), ('offered', 'Offered'), ('accepted', 'Accepted'), ('started', 'Started'), ('withdrawn', 'Withdrawn'), ('rejected', 'Rejected')], default='new', editable=False, max_length=10)),
                ('applied_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('stated_channel', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='stated_by', to='planning.channel')),
                ('vacancy', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='candidates', to='planning.vacancy')),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Hire',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('accepted', 'Accepted'), ('started', 'Started'), ('reversed', 'Reversed')], default='accepted', editable=False, max_length=10)),
                ('accepted_on', models.DateField(db_index=True)),
                ('credit_until', models.DateTimeField(editable=False, help_text="The end of the day of acceptance on the house's clock: touches before it count.")),
                ('started_on', models.DateField(blank=True, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('candidate', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='hire', to='hiring.candidate')),
                ('recorded_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('vacancy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='hires', to='planning.vacancy')),
            ],
            options={
                'ordering': ['-accepted_on', '-id'],
            },
        ),
        migrations.CreateModel(
            name='StageMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_stage', models.CharField(choices=[('new', 'New'), ('screened', 'Screened'), ('interview', 'Interview'), ('offered', 'Offered'), ('accepted', 'Accepted'), ('started', 'Started'), ('withdrawn', 'Withdrawn'), ('rejected', 'Rejected')], max_length=10)),
                ('to_stage', models.CharField(choices=[('new', 'New'), ('screened', 'Screened'), ('interview', 'Interview'), ('offered', 'Offered'), ('accepted', 'Accepted'), ('started', 'Started'), ('withdrawn', 'Withdrawn'), ('rejected', 'Rejected')], max_length=10)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stage_moves', to='hiring.candidate')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='TrackedLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=16, unique=True)),
                ('target', models.URLField(max_length=1000)),
                ('follows_content', models.BooleanField(default=True, help_text='Leads where the content says; not so for a link that was given a target of its own.')),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='planning.channel')),
                ('content', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='planning.content')),
                ('publication', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='link', to='planning.publication')),
            ],
        ),
        migrations.CreateModel(
            name='Touch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('link', 'Tracked link'), ('check_in', 'Event check-in'), ('recorded', 'Recorded by hand')], max_length=10)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='touches', to='hiring.candidate')),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='touches', to='planning.channel')),
                ('event', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='touches', to='planning.event')),
                ('link', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='touches', to='hiring.trackedlink')),
            ],
            options={
                'ordering': ['at', 'id'],
            },
        ),
        migrations.CreateModel(
            name='Visit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('not_counted', models.CharField(blank=True, choices=[('', 'Counted'), ('head', 'HEAD request'), ('prefetch', 'Prefetch'), ('crawler', 'Crawler or link preview'), ('repeat', 'Same visitor within the hour')], default='', max_length=10)),
                ('visitor', models.CharField(blank=True, max_length=64)),
                ('link', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='visits', to='hiring.trackedlink')),
            ],
        ),
        migrations.AddIndex(
            model_name='candidate',
            index=models.Index(fields=['created_at'], name='hiring_candidate_created'),
        ),
        migrations.AddConstraint(
            model_name='hire',
            constraint=models.CheckConstraint(condition=models.Q(('started_on', None), ('started_on__gte', models.F('accepted_on')), _connector='OR'), name='hiring_hire_starts_after_acceptance'),
        ),
        migrations.AddIndex(
            model_name='touch',
            index=models.Index(fields=['candidate', 'at'], name='hiring_touch_candidate'),
        ),
        migrations.AddConstraint(
            model_name='touch',
            constraint=models.UniqueConstraint(fields=('candidate', 'channel', 'kind', 'at'), name='hiring_touch_once'),
        ),
        migrations.AddIndex(
            model_name='visit',
            index=models.Index(condition=models.Q(('not_counted', '')), fields=['at'], name='hiring_visit_counted'),
        ),
        migrations.AddIndex(
            model_name='visit',
            index=models.Index(fields=['link', 'at'], name='hiring_visit_link'),
        ),
        migrations.AddIndex(
            model_name='visit',
            index=models.Index(condition=models.Q(('not_counted', '')), fields=['link'], name='hiring_visit_of_link'),
        ),
        migrations.AddIndex(
            model_name='visit',
            index=models.Index(fields=['visitor', 'at'], name='hiring_visit_visitor'),
        ),
    ]
