import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('media', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Content',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('event', 'Event'), ('vacancy', 'Vacancy'), ('blog_entry', 'Blog entry'), ('bulletin', 'Bulletin')], editable=False, max_length=20)),
                ('guid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('title', models.CharField(max_length=200)),
                ('slug', models.SlugField(help_text='Unique among the content of one kind.', max_length=220)),
                ('summary', models.TextField(blank=True, max_length=2000)),
                ('audience', models.CharField(choices=[('public', 'Everyone'), ('staff', 'Staff')], default='public', max_length=10)),
                ('tags', models.JSONField(blank=True, default=list)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('in_review', 'In review'), ('returned', 'Returned'), ('approved', 'Approved'), ('withdrawn', 'Withdrawn'), ('archived', 'Archived')], default='draft', editable=False, max_length=10)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('edited_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('approved_at', models.DateTimeField(editable=False, null=True)),
                ('approved_hashtags', models.JSONField(default=list, editable=False, help_text="The campaign's hashtags as they were approved with this.")),
                ('approved_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('edited_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('picture', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.picture')),
            ],
        ),
        migrations.CreateModel(
            name='Campaign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('slug', models.SlugField(max_length=100, unique=True)),
                ('purpose', models.CharField(choices=[('recruitment', 'Recruitment'), ('engagement', 'Engagement')], max_length=20)),
                ('summary', models.TextField(blank=True, max_length=5000)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('target_hires', models.PositiveIntegerField(blank=True, null=True)),
                ('budget_pence', models.PositiveBigIntegerField(blank=True, null=True)),
                ('rhythm_days', models.PositiveSmallIntegerField(blank=True, help_text='Something goes out at least every so many days; a longer silence is hinted at.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(366)])),
                ('hashtags', models.JSONField(blank=True, default=list)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                'ordering': ['-starts_on', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Channel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('slug', models.SlugField(max_length=100, unique=True)),
                ('category', models.CharField(choices=[('social', 'Social media'), ('blog', 'Blog'), ('feed', 'Feed'), ('email', 'E-mail'), ('staff_tool', 'Staff tool'), ('jobs_board', 'Jobs board'), ('event', 'Event'), ('referral', 'Referral'), ('agency', 'Agency'), ('broadcast', 'Broadcast'), ('print', 'Print'), ('other', 'Other')], max_length=20)),
                ('audience', models.CharField(choices=[('public', 'Everyone'), ('staff', 'Staff')], default='public', help_text='Who hears this channel. Content for staff goes only to channels for staff.', max_length=10)),
                ('active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='ComposedChannel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wording', models.TextField(blank=True, help_text="This channel's own text; empty means title and summary.", max_length=50000)),
                ('picture_ids', models.JSONField(blank=True, default=list, help_text="Its own pictures; none means the content's.")),
            ],
            options={
                'ordering': ['channel_id'],
            },
        ),
        migrations.CreateModel(
            name='Composition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('when', models.CharField(choices=[('times', 'At the times chosen'), ('slot', "At each channel's next free slot")], default='times', max_length=10)),
                ('times', models.JSONField(blank=True, default=list, help_text='On the wall clock of `zone`, ISO 8601, in order.')),
                ('zone', models.CharField(default='Europe/London', max_length=64)),
                ('set_aside', models.JSONField(blank=True, default=dict, help_text="Own texts of channels that are not chosen any more, by the channel's id.")),
                ('late_rule', models.CharField(choices=[('publish', 'Publish it late'), ('hold', 'Hold it for a person'), ('cancel', 'Cancel it')], default='publish', max_length=10)),
                ('late_after_minutes', models.PositiveIntegerField(default=60)),
                ('edited_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='ContentMove',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_state', models.CharField(choices=[('draft', 'Draft'), ('in_review', 'In review'), ('returned', 'Returned'), ('approved', 'Approved'), ('withdrawn', 'Withdrawn'), ('archived', 'Archived')], max_length=10)),
                ('to_state', models.CharField(choices=[('draft', 'Draft'), ('in_review', 'In review'), ('returned', 'Returned'), ('approved', 'Approved'), ('withdrawn', 'Withdrawn'), ('archived', 'Archived')], max_length=10)),
                ('comment', models.TextField(blank=True, max_length=2000)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(default='Our organisation', max_length=200)),
                ('accent', models.CharField(blank=True, help_text="The organisation's colour, such as #0b5a66; empty means the house's own.", max_length=7, validators=[django.core.validators.RegexValidator('^#[0-9a-f]{6}\\Z', 'Give a colour as # and six hexadecimal digits, such as #0b5a66.')])),
                ('approves_own_edits', models.BooleanField(default=False, help_text='Whether people may approve what they last edited themselves.')),
            ],
        ),
        migrations.CreateModel(
            name='Pause',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.TextField(max_length=2000)),
                ('started_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('ended_at', models.DateTimeField(editable=False, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Presence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Publication',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wording', models.TextField(blank=True, help_text="This channel's own text; empty means title and summary.", max_length=50000)),
                ('publish_at', models.DateTimeField(help_text='In UTC.')),
                ('zone', models.CharField(default='Europe/London', help_text='The zone that it was chosen in.', max_length=64)),
                ('late_rule', models.CharField(choices=[('publish', 'Publish it late'), ('hold', 'Hold it for a person'), ('cancel', 'Cancel it')], default='publish', max_length=10)),
                ('late_after_minutes', models.PositiveIntegerField(default=60)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('state', models.CharField(choices=[('scheduled', 'Scheduled'), ('sending', 'Sending'), ('sent', 'Sent'), ('unknown', 'Outcome unknown'), ('failed', 'Failed'), ('held', 'Held'), ('cancelled', 'Cancelled'), ('withdrawn', 'Withdrawn')], default='scheduled', editable=False, max_length=10)),
                ('reason_code', models.CharField(blank=True, editable=False, max_length=60)),
                ('reason', models.TextField(blank=True, editable=False, help_text='Why it stands where it stands, in words.')),
                ('released_at', models.DateTimeField(editable=False, help_text='When a person let it go; its lateness rule is over then.', null=True)),
                ('put_off_until', models.DateTimeField(editable=False, help_text="The end of its channel's quiet time; its lateness counts from then.", null=True)),
                ('sent_at', models.DateTimeField(editable=False, null=True)),
                ('remote_id', models.CharField(blank=True, editable=False, max_length=300)),
                ('remote_url', models.CharField(blank=True, editable=False, max_length=1000)),
                ('key', models.UUIDField(editable=False, help_text='Fixed at the first claim.', null=True, unique=True)),
                ('due_at', models.DateTimeField(editable=False, help_text='When the engine looks at it next.')),
                ('fence', models.PositiveIntegerField(default=0, editable=False)),
                ('lease_until', models.DateTimeField(editable=False, null=True)),
                ('tries', models.PositiveIntegerField(default=0, editable=False)),
                ('absences', models.PositiveIntegerField(default=0, editable=False, help_text='How often in a row read-back did not find it.')),
                ('needs_person', models.BooleanField(default=False, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='PublicationPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
            ],
            options={
                'ordering': ['position'],
            },
        ),
        migrations.CreateModel(
            name='QuietPeriod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('quiet', 'Quiet hours'), ('blackout', 'Blackout')], max_length=10)),
                ('weekdays', models.JSONField(blank=True, default=list, help_text='On which the hours begin, such as MO.')),
                ('from_time', models.TimeField(blank=True, help_text='On the wall clock of `zone`.', null=True)),
                ('to_time', models.TimeField(blank=True, help_text='On the next day where it is not after from_time.', null=True)),
                ('zone', models.CharField(default='Europe/London', max_length=64)),
                ('starts_at', models.DateTimeField(blank=True, null=True)),
                ('ends_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.TextField(blank=True, max_length=2000)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='Recurrence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wording', models.TextField(blank=True, help_text="This channel's own text; empty means title and summary.", max_length=50000)),
                ('rule', models.CharField(help_text='RFC 5545, RRULE without DTSTART.', max_length=500)),
                ('starts_on', models.DateField(help_text='On the wall clock of `zone`.')),
                ('starts_time', models.TimeField(help_text='On the wall clock of `zone`.')),
                ('zone', models.CharField(default='Europe/London', max_length=64)),
                ('late_rule', models.CharField(choices=[('publish', 'Publish it late'), ('hold', 'Hold it for a person'), ('cancel', 'Cancel it')], default='publish', max_length=10)),
                ('late_after_minutes', models.PositiveIntegerField(default=60)),
                ('next_at', models.DateTimeField(editable=False, help_text='The first time that is not in the schedule yet, in UTC.', null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('ended_at', models.DateTimeField(editable=False, null=True)),
                ('ended_reason', models.TextField(blank=True, editable=False)),
            ],
        ),
        migrations.CreateModel(
            name='SearchWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word', models.CharField(max_length=40)),
                ('stem', models.CharField(help_text="Its first letters: the same in every database's order of words.", max_length=3)),
            ],
        ),
        migrations.CreateModel(
            name='Slot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('weekday', models.CharField(choices=[('MO', 'Monday'), ('TU', 'Tuesday'), ('WE', 'Wednesday'), ('TH', 'Thursday'), ('FR', 'Friday'), ('SA', 'Saturday'), ('SU', 'Sunday')], max_length=2)),
                ('time', models.TimeField(help_text='On the wall clock of `zone`.')),
                ('zone', models.CharField(default='Europe/London', max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, unique=True)),
                ('location', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='BlogEntry',
            fields=[
                ('content_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='planning.content')),
                ('body', models.TextField(help_text='Markdown.', max_length=100000)),
                ('author_line', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'verbose_name_plural': 'blog entries',
            },
            bases=('planning.content',),
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('content_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='planning.content')),
                ('event_kind', models.CharField(choices=[('pop_up', 'Pop-up'), ('open_day', 'Open day'), ('university_visit', 'University visit'), ('college_visit', 'College visit'), ('school_visit', 'School visit'), ('careers_fair', 'Careers fair'), ('staff_briefing', 'Staff briefing'), ('training', 'Training'), ('wellbeing_week', 'Wellbeing week'), ('away_day', 'Away day'), ('listening_exercise', 'Listening exercise'), ('board_meeting', 'Board meeting'), ('award_deadline', 'Award deadline'), ('other', 'Other')], max_length=20)),
                ('body', models.TextField(blank=True, help_text='Markdown.', max_length=50000)),
                ('place', models.CharField(blank=True, max_length=300)),
                ('online_url', models.URLField(blank=True, max_length=1000)),
                ('starts_at', models.DateTimeField(db_index=True)),
                ('ends_at', models.DateTimeField()),
                ('capacity', models.PositiveIntegerField(blank=True, null=True)),
                ('childcare_offered', models.BooleanField(default=False)),
                ('cancelled_at', models.DateTimeField(editable=False, null=True)),
            ],
            bases=('planning.content',),
        ),
        migrations.CreateModel(
            name='Vacancy',
            fields=[
                ('content_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='planning.content')),
                ('reference', models.CharField(max_length=60, unique=True)),
                ('body', models.TextField(blank=True, help_text='Markdown.', max_length=50000)),
                ('staff_group', models.CharField(choices=[('nursing', 'Nursing and midwifery registered'), ('medical', 'Medical and dental'), ('allied_health', 'Allied health professionals'), ('scientific', 'Additional professional scientific and technical'), ('healthcare_scientists', 'Healthcare scientists'), ('clinical_support', 'Additional clinical services'), ('administrative', 'Administrative and clerical'), ('estates', 'Estates and ancillary'), ('students', 'Students')], max_length=30)),
                ('pay_band', models.CharField(blank=True, max_length=40)),
                ('salary_min_pence', models.PositiveBigIntegerField(blank=True, null=True)),
                ('salary_max_pence', models.PositiveBigIntegerField(blank=True, null=True)),
                ('salary_unit', models.CharField(choices=[('year', 'a year'), ('hour', 'an hour')], default='year', max_length=10)),
                ('contract_type', models.CharField(choices=[('permanent', 'Permanent'), ('fixed_term', 'Fixed term'), ('bank', 'Bank'), ('locum', 'Locum'), ('honorary', 'Honorary'), ('apprenticeship', 'Apprenticeship'), ('voluntary', 'Voluntary')], default='permanent', max_length=20)),
                ('working_pattern', models.CharField(choices=[('full_time', 'Full time'), ('part_time', 'Part time'), ('flexible', 'Flexible working'), ('job_share', 'Job share'), ('term_time', 'Term time'), ('home_or_remote', 'Home or remote working'), ('compressed', 'Compressed hours')], default='full_time', max_length=20)),
                ('hours_per_week', models.DecimalField(blank=True, decimal_places=2, max_digits=4, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(80)])),
                ('location', models.CharField(max_length=200)),
                ('postcode', models.CharField(blank=True, max_length=10)),
                ('opens_at', models.DateTimeField()),
                ('closes_at', models.DateTimeField(db_index=True)),
                ('apply_url', models.URLField(max_length=1000)),
                ('headcount', models.PositiveIntegerField(default=1, validators=[django.core.validators.MinValueValidator(1)])),
                ('values_statement', models.TextField(blank=True, max_length=5000)),
                ('childcare_offered', models.BooleanField(default=False)),
                ('status', models.CharField(choices=[('open', 'Open'), ('filled', 'Filled'), ('withdrawn', 'Withdrawn')], default='open', editable=False, max_length=10)),
            ],
            options={
                'verbose_name_plural': 'vacancies',
            },
            bases=('planning.content',),
        ),
        migrations.CreateModel(
            name='ApprovedVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('parts', models.JSONField(help_text='As content.Part, in order: name, label, text.')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('content', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='approved_versions', to='planning.content')),
            ],
        ),
        migrations.AddField(
            model_name='content',
            name='campaign',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='content', to='planning.campaign'),
        ),
        migrations.AddConstraint(
            model_name='campaign',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on', None), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='planning_campaign_ends_after_start'),
        ),
        migrations.AddField(
            model_name='composedchannel',
            name='channel',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='planning.channel'),
        ),
        migrations.AddField(
            model_name='composition',
            name='content',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='composition', to='planning.content'),
        ),
        migrations.AddField(
            model_name='composition',
            name='edited_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='composedchannel',
            name='composition',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chosen', to='planning.composition'),
        ),
        migrations.AddField(
            model_name='contentmove',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='contentmove',
            name='content',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='moves', to='planning.content'),
        ),
        migrations.AddField(
            model_name='organisation',
            name='logo',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.picture'),
        ),
        migrations.AddField(
            model_name='pause',
            name='campaign',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pauses', to='planning.campaign'),
        ),
        migrations.AddField(
            model_name='pause',
            name='channel',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='pauses', to='planning.channel'),
        ),
        migrations.AddField(
            model_name='pause',
            name='ended_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='pause',
            name='started_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='presence',
            name='content',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='planning.content'),
        ),
        migrations.AddField(
            model_name='presence',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='publication',
            name='channel',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='publications', to='planning.channel'),
        ),
        migrations.AddField(
            model_name='publication',
            name='content',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='publications', to='planning.content'),
        ),
        migrations.AddField(
            model_name='publication',
            name='created_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='publicationpicture',
            name='picture',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.picture'),
        ),
        migrations.AddField(
            model_name='publicationpicture',
            name='publication',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='placed_pictures', to='planning.publication'),
        ),
        migrations.AddField(
            model_name='publication',
            name='pictures',
            field=models.ManyToManyField(help_text="This channel's own pictures, in order; none means the content's.", related_name='+', through='planning.PublicationPicture', to='media.picture'),
        ),
        migrations.AddField(
            model_name='quietperiod',
            name='channel',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='quiet_periods', to='planning.channel'),
        ),
        migrations.AddField(
            model_name='quietperiod',
            name='created_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recurrence',
            name='channel',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recurrences', to='planning.channel'),
        ),
        migrations.AddField(
            model_name='recurrence',
            name='content',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recurrences', to='planning.content'),
        ),
        migrations.AddField(
            model_name='recurrence',
            name='created_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='recurrence',
            name='ended_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='publication',
            name='recurrence',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='publications', to='planning.recurrence'),
        ),
        migrations.AddField(
            model_name='searchword',
            name='content',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='search_words', to='planning.content'),
        ),
        migrations.AddField(
            model_name='slot',
            name='channel',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='slots', to='planning.channel'),
        ),
        migrations.AddField(
            model_name='event',
            name='host_team',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='planning.team'),
        ),
        migrations.AddField(
            model_name='vacancy',
            name='team',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='vacancies', to='planning.team'),
        ),
        migrations.AddIndex(
            model_name='approvedversion',
            index=models.Index(fields=['content', '-id'], name='planning_approved_newest'),
        ),
        migrations.AddIndex(
            model_name='content',
            index=models.Index(fields=['state', '-id'], name='planning_content_state'),
        ),
        migrations.AddIndex(
            model_name='content',
            index=models.Index(fields=['kind', '-id'], name='planning_content_kind'),
        ),
        migrations.AddIndex(
            model_name='content',
            index=models.Index(fields=['campaign', '-id'], name='planning_content_campaign'),
        ),
        migrations.AddConstraint(
            model_name='content',
            constraint=models.UniqueConstraint(fields=('kind', 'slug'), name='planning_content_kind_slug'),
        ),
        migrations.AddConstraint(
            model_name='composedchannel',
            constraint=models.UniqueConstraint(fields=('composition', 'channel'), name='planning_composed_channel_once'),
        ),
        migrations.AddConstraint(
            model_name='organisation',
            constraint=models.CheckConstraint(condition=models.Q(('pk', 1)), name='planning_organisation_single'),
        ),
        migrations.AddIndex(
            model_name='pause',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['-id'], name='planning_pause_active'),
        ),
        migrations.AddConstraint(
            model_name='pause',
            constraint=models.CheckConstraint(condition=models.Q(('campaign', None), ('channel', None), _connector='OR'), name='planning_pause_one_scope'),
        ),
        migrations.AddConstraint(
            model_name='presence',
            constraint=models.UniqueConstraint(fields=('content', 'person'), name='planning_presence_once'),
        ),
        migrations.AddConstraint(
            model_name='publicationpicture',
            constraint=models.UniqueConstraint(fields=('publication', 'position'), name='planning_publication_picture_place'),
        ),
        migrations.AddConstraint(
            model_name='publicationpicture',
            constraint=models.UniqueConstraint(fields=('publication', 'picture'), name='planning_publication_picture_once'),
        ),
        migrations.AddConstraint(
            model_name='quietperiod',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('from_time__isnull', False), ('kind', 'quiet'), ('to_time__isnull', False)), models.Q(('ends_at__gt', models.F('starts_at')), ('kind', 'blackout'), ('starts_at__isnull', False)), _connector='OR'), name='planning_quiet_period_whole'),
        ),
        migrations.AddIndex(
            model_name='recurrence',
            index=models.Index(condition=models.Q(('ended_at', None)), fields=['next_at'], name='planning_recurrence_next'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(fields=['state', 'due_at'], name='planning_publication_due'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(fields=['channel', 'state', 'due_at'], name='planning_publication_turn'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(condition=models.Q(('lease_until__isnull', False)), fields=['lease_until'], name='planning_publication_lease'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(fields=['publish_at', 'id'], name='planning_publication_time'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(condition=models.Q(('sent_at__isnull', False)), fields=['-sent_at', '-id'], name='planning_publication_sent'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(condition=models.Q(('needs_person', True)), fields=['state'], name='planning_publication_person'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(fields=['channel', 'publish_at'], name='planning_publication_channel'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(condition=models.Q(('reason_code', 'by_hand')), fields=['channel', 'state'], name='planning_publication_by_hand'),
        ),
        migrations.AddIndex(
            model_name='searchword',
            index=models.Index(fields=['word', '-content'], name='planning_search_word'),
        ),
        migrations.AddIndex(
            model_name='searchword',
            index=models.Index(fields=['stem', '-content'], name='planning_search_stem'),
        ),
        migrations.AddConstraint(
            model_name='searchword',
            constraint=models.UniqueConstraint(fields=('content', 'word'), name='planning_search_word_once'),
        ),
        migrations.AddConstraint(
            model_name='slot',
            constraint=models.UniqueConstraint(fields=('channel', 'weekday', 'time', 'zone'), name='planning_slot_once'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gte', models.F('starts_at'))), name='planning_event_ends_after_start'),
        ),
        migrations.AddConstraint(
            model_name='vacancy',
            constraint=models.CheckConstraint(condition=models.Q(('closes_at__gt', models.F('opens_at'))), name='planning_vacancy_closes_after_open'),
        ),
        migrations.AddConstraint(
            model_name='vacancy',
            constraint=models.CheckConstraint(condition=models.Q(('salary_min_pence', None), ('salary_max_pence', None), ('salary_max_pence__gte', models.F('salary_min_pence')), _connector='OR'), name='planning_vacancy_salary_range'),
        ),
    ]
