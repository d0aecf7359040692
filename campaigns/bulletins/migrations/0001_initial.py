import django.db.models.deletion
import django.utils.timezone
import encrypted_fields.fields
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('media', '0001_initial'),
        ('planning', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='MailingList',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, unique=True)),
                ('audience', models.CharField(choices=[('public', 'Everyone'), ('staff', 'Staff')], help_text='Never changes.', max_length=10)),
                ('from_name', models.CharField(help_text='Whom its mails come from, as readers see it.', max_length=200)),
                ('description', models.TextField(blank=True, help_text='What readers get, and how often.', max_length=2000)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='SurfaceVersion',
            fields=[
                ('surface', models.CharField(choices=[('blog', 'Public website'), ('bulletin', 'Staff bulletin feed')], max_length=10, primary_key=True, serialize=False)),
                ('number', models.PositiveBigIntegerField(default=0)),
                ('stamp', models.UUIDField(default=uuid.uuid4)),
                ('changed_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Bulletin',
            fields=[
                ('content_ptr', models.OneToOneField(auto_created=True, on_delete=django.db.models.deletion.CASCADE, parent_link=True, primary_key=True, serialize=False, to='planning.content')),
                ('period_start', models.DateField()),
                ('period_end', models.DateField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('period_end__gte', models.F('period_start'))), name='bulletins_bulletin_period_order')],
            },
            bases=('planning.content',),
        ),
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('surface', models.CharField(choices=[('blog', 'Public website'), ('bulletin', 'Staff bulletin feed')], max_length=10)),
                ('guid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('key', models.CharField(help_text='The key of the publication that put it here.', max_length=64, unique=True)),
                ('kind', models.CharField(choices=[('event', 'Event'), ('vacancy', 'Vacancy'), ('blog_entry', 'Blog entry'), ('bulletin', 'Bulletin')], max_length=20)),
                ('audience', models.CharField(choices=[('public', 'Everyone'), ('staff', 'Staff')], max_length=10)),
                ('slug', models.SlugField(max_length=220)),
                ('title', models.CharField(max_length=200)),
                ('summary', models.TextField(blank=True)),
                ('html', models.TextField(help_text='Sanitised.')),
                ('author', models.CharField(blank=True, max_length=200)),
                ('tags', models.JSONField(default=list)),
                ('details', models.JSONField(default=dict, help_text='What pages and feeds show of this kind beyond the text.')),
                ('apply_link', models.CharField(blank=True, help_text='The tracked link of this publication.', max_length=1000)),
                ('ends_at', models.DateTimeField(help_text='When a vacancy closes or an event is over.', null=True)),
                ('ended', models.CharField(blank=True, choices=[('', 'No'), ('cancelled', 'Cancelled'), ('filled', 'Filled'), ('closed', 'Closed early')], default='', max_length=10)),
                ('published_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('content', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='planning.content')),
                ('picture', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='media.picture')),
            ],
            options={
                'indexes': [models.Index(fields=['surface', '-published_at', '-id'], name='bulletins_item_newest'), models.Index(fields=['surface', 'kind', '-published_at'], name='bulletins_item_kind'), models.Index(fields=['surface', 'slug'], name='bulletins_item_slug')],
                'constraints': [models.UniqueConstraint(fields=('surface', 'content'), name='bulletins_item_once_a_surface')],
            },
        ),
        migrations.CreateModel(
            name='Section',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('kind', models.CharField(choices=[('text', 'Text'), ('spotlight', 'Team in the spotlight')], default='text', max_length=20)),
                ('heading', models.CharField(max_length=200)),
                ('body', models.TextField(help_text='Markdown.', max_length=50000)),
                ('bulletin', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sections', to='bulletins.bulletin')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='spotlights', to='planning.team')),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('bulletin', 'position'), name='bulletins_section_position'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'spotlight'), ('team__isnull', False)), models.Q(('kind', 'text'), ('team', None)), _connector='OR'), name='bulletins_section_spotlight_has_team')],
            },
        ),
        migrations.CreateModel(
            name='Subscriber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(help_text='In lower case, its domain in ASCII.', max_length=254)),
                ('status', models.CharField(choices=[('pending', 'Has not confirmed yet'), ('subscribed', 'Subscribed'), ('unsubscribed', 'Unsubscribed'), ('bounced', 'Mail comes back')], default='pending', max_length=20)),
                ('token', encrypted_fields.fields.EncryptedTextField(editable=False)),
                ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                ('confirmation', encrypted_fields.fields.EncryptedTextField(editable=False, null=True)),
                ('confirmation_hash', models.CharField(editable=False, max_length=64, null=True, unique=True)),
                ('asked_at', models.DateTimeField(editable=False, help_text='When a confirmation was asked for last.', null=True)),
                ('confirmed_at', models.DateTimeField(editable=False, null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('mailing_list', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='subscribers', to='bulletins.mailinglist')),
            ],
            options={
                'indexes': [models.Index(fields=['mailing_list', 'status'], name='bulletins_subscriber_status'), models.Index(fields=['status', 'confirmed_at'], name='bulletins_subscriber_joined')],
                'constraints': [models.UniqueConstraint(fields=('mailing_list', 'address'), name='bulletins_subscriber_once_a_list')],
            },
        ),
    ]
