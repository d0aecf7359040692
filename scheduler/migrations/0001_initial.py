import django.db.models.deletion
import django.utils.timezone
import encrypted_fields.fields
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('bulletins', '0001_initial'),
        ('planning', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Outbox',
            fields=[
                ('channel', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='planning.channel')),
                ('not_before', models.DateTimeField(null=True)),
                ('failures', models.PositiveIntegerField(default=0, help_text='In a row.')),
                ('reason', models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name='WebhookEndpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address', models.CharField(max_length=1000)),
                ('description', models.CharField(blank=True, max_length=200)),
                ('event_types', models.JSONField(default=list)),
                ('secret', encrypted_fields.fields.EncryptedTextField(help_text='Signs every message; shown once.')),
                ('former_secret', encrypted_fields.fields.EncryptedTextField(help_text='Signs as well until `former_ends_at`.', null=True)),
                ('former_ends_at', models.DateTimeField(null=True)),
                ('active', models.BooleanField(default=True)),
                ('disabled_at', models.DateTimeField(help_text='When the engine gave it up.', null=True)),
                ('disabled_reason', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('failures', models.PositiveIntegerField(default=0, editable=False, help_text='Tries since the last success.')),
                ('failing_since', models.DateTimeField(editable=False, null=True)),
                ('fence', models.PositiveIntegerField(default=0, editable=False)),
                ('lease_until', models.DateTimeField(editable=False, null=True)),
            ],
            options={
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='Worker',
            fields=[
                ('threads', models.PositiveIntegerField(default=1)),
                ('name', models.CharField(max_length=100, primary_key=True, serialize=False)),
                ('started_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Connection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('settings', models.JSONField(default=dict)),
                ('secrets', encrypted_fields.fields.EncryptedTextField(blank=True, help_text='JSON, encrypted; never shown again.', null=True)),
                ('status', models.CharField(choices=[('unchecked', 'Not checked yet'), ('healthy', 'Healthy'), ('needs_sign_in', 'Needs a new sign-in')], default='unchecked', max_length=20)),
                ('account', models.CharField(blank=True, max_length=200)),
                ('message', models.TextField(blank=True)),
                ('checked_at', models.DateTimeField(null=True)),
                ('next_check_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('expires_at', models.DateTimeField(help_text='When the sign-in ends, as the channel says.', null=True)),
                ('warned_days', models.PositiveIntegerField(editable=False, help_text='Of 14, 7 and 1: the last warning.', null=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('rate_per_minute', models.PositiveIntegerField(blank=True, help_text='Empty: as fast as the channel lets us.', null=True)),
                ('burst', models.PositiveIntegerField(default=1, help_text='How many may go out at once after a quiet time.')),
                ('monthly_cap', models.PositiveIntegerField(blank=True, help_text='What posts may cost in a calendar month, in thousandths of a US dollar.', null=True)),
                ('tokens', models.FloatField(default=1, editable=False)),
                ('tokens_at', models.DateTimeField(editable=False, null=True)),
                ('failures', models.PositiveIntegerField(default=0, editable=False, help_text='In a row, without an answer.')),
                ('paused_until', models.DateTimeField(editable=False, null=True)),
                ('pause_reason', models.TextField(blank=True, editable=False)),
                ('channel', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='connection', to='planning.channel')),
            ],
        ),
        migrations.CreateModel(
            name='Count',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveBigIntegerField(default=0)),
                ('database', models.UUIDField(default=uuid.uuid4, help_text='Tells this database from others that share the outside.')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='scheduler_count_single')],
            },
        ),
        migrations.CreateModel(
            name='Mailing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=64, unique=True)),
                ('body', models.JSONField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='planning.channel')),
                ('publication', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='mailings', to='planning.publication')),
            ],
        ),
        migrations.CreateModel(
            name='MailingPicture',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('data', models.BinaryField()),
                ('media_type', models.CharField(max_length=30)),
                ('alt_text', models.CharField(blank=True, max_length=1000)),
                ('width', models.PositiveIntegerField()),
                ('height', models.PositiveIntegerField()),
                ('mailing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pictures', to='scheduler.mailing')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='PendingSignIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('nonce', models.CharField(max_length=64, unique=True)),
                ('kind', models.CharField(max_length=20)),
                ('settings', models.JSONField(default=dict)),
                ('kept', encrypted_fields.fields.EncryptedTextField(blank=True, help_text='JSON, encrypted: the verifier and its like.', null=True)),
                ('redirect_uri', models.CharField(max_length=500)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='planning.channel')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fence', models.PositiveIntegerField()),
                ('worker', models.CharField(max_length=100)),
                ('kind', models.CharField(help_text='Of the channel that was called.', max_length=20)),
                ('started_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('sent', 'Sent'), ('not_sent', 'Certainly not sent'), ('unknown', 'Outcome unknown')], max_length=10)),
                ('code', models.CharField(blank=True, max_length=60)),
                ('message', models.TextField(blank=True)),
                ('remote_id', models.CharField(blank=True, max_length=300)),
                ('remote_url', models.CharField(blank=True, max_length=1000)),
                ('text', models.TextField(blank=True, help_text='What was sent, as it stood.')),
                ('fingerprint', models.CharField(blank=True, help_text='Of the text without its link.', max_length=64)),
                ('price', models.PositiveIntegerField(default=0, help_text='In thousandths of a US dollar.')),
                ('publication', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attempts', to='planning.publication')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(fields=['fingerprint'], name='scheduler_attempt_text'), models.Index(condition=models.Q(('price__gt', 0)), fields=['started_at'], name='scheduler_attempt_priced')],
                'constraints': [models.UniqueConstraint(fields=('publication', 'fence'), name='scheduler_attempt_once_a_fence')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(max_length=255, unique=True)),
                ('state', models.CharField(choices=[('queued', 'Queued'), ('sending', 'Sending'), ('sent', 'Taken by the mail server'), ('refused', 'Refused'), ('unknown', 'Outcome unknown'), ('bounced', 'Came back'), ('cancelled', 'Cancelled')], default='queued', max_length=10)),
                ('code', models.CharField(blank=True, max_length=60)),
                ('message', models.TextField(blank=True)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('sent_at', models.DateTimeField(null=True)),
                ('due_at', models.DateTimeField()),
                ('fence', models.PositiveIntegerField(default=0)),
                ('lease_until', models.DateTimeField(null=True)),
                ('tries', models.PositiveIntegerField(default=0)),
                ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='planning.channel')),
                ('mailing_list', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bulletins.mailinglist')),
                ('subscriber', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deliveries', to='bulletins.subscriber')),
                ('mailing', models.ForeignKey(help_text='Empty: asks to confirm.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='scheduler.mailing')),
            ],
            options={
                'ordering': ['id'],
                'indexes': [models.Index(condition=models.Q(('state', 'queued')), fields=['channel', 'due_at'], name='scheduler_delivery_due'), models.Index(condition=models.Q(('state', 'sending')), fields=['lease_until'], name='scheduler_delivery_lease'), models.Index(fields=['mailing', 'state'], name='scheduler_delivery_state')],
                'constraints': [models.UniqueConstraint(fields=('mailing', 'subscriber'), name='scheduler_delivery_once')],
            },
        ),
        migrations.CreateModel(
            name='Takedown',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(help_text="When it is tried next; empty once it is done or a person's.", null=True)),
                ('tries', models.PositiveIntegerField(default=0)),
                ('message', models.TextField(blank=True, help_text='What came of the last try, in words.')),
                ('publication', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='takedown', to='planning.publication')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False)), fields=['due_at'], name='scheduler_takedown_due')],
            },
        ),
        migrations.CreateModel(
            name='WebhookDelivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_id', models.UUIDField(help_text='The same for every receiver, and on every try.')),
                ('event_type', models.CharField(max_length=40)),
                ('payload', models.JSONField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('next_try_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('tries', models.PositiveIntegerField(default=0)),
                ('status_code', models.PositiveSmallIntegerField(help_text='Of the latest answer.', null=True)),
                ('message', models.TextField(blank=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(blank=True, choices=[('delivered', 'Delivered'), ('failed', 'Given up')], max_length=10)),
                ('is_replay', models.BooleanField(default=False)),
                ('replay_of', models.ForeignKey(help_text='Empty once that one is forgotten.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='scheduler.webhookdelivery')),
                ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='scheduler.webhookendpoint')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('finished_at', None)), fields=['endpoint', 'next_try_at'], name='scheduler_webhook_waiting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_replay', False)), fields=('endpoint', 'event_id'), name='scheduler_webhook_delivery_once')],
            },
        ),
    ]
