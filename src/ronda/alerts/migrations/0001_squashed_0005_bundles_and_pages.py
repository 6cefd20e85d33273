import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ronda.storage.tables import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('alerts', '0001_initial'),
        ('alerts', '0002_channels'),
        ('alerts', '0003_addresses'),
        ('alerts', '0004_rules'),
        ('alerts', '0005_bundles_and_pages'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('devices', '0001_initial'),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name='Notice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('type', models.CharField(choices=[('success', 'Good news'), ('info', 'Information'), ('warning', 'Warning'), ('danger', 'Danger')], max_length=16, verbose_name='type')),
                        ('kind', models.CharField(default='manual', max_length=24)),
                        ('text', models.TextField(verbose_name='text')),
                        ('ont_name', models.CharField(blank=True, max_length=200)),
                        ('at', models.DateTimeField(verbose_name='time')),
                        ('read_at', models.DateTimeField(null=True)),
                        ('details', models.JSONField(default=dict)),
                        ('ont', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='notices', to='devices.ont')),
                    ],
                    options={
                        'ordering': ['-at', '-id'],
                        'indexes': [models.Index(fields=['-at', '-id'], name='notice_newest'), models.Index(fields=['read_at'], name='notice_unread')],
                    },
                ),
                migrations.CreateModel(
                    name='Channel',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=12)),
                        ('name', models.CharField(max_length=60, verbose_name='name')),
                        ('values', models.JSONField(default=dict)),
                        ('secret', models.TextField(blank=True)),
                        ('active', models.BooleanField(default=True, verbose_name='in use')),
                        ('for_buyers', models.BooleanField(default=False, verbose_name='sends codes to buyers')),
                        ('local', models.BooleanField(default=False, verbose_name='may call this machine')),
                        ('trouble', models.CharField(blank=True, max_length=300)),
                        ('trouble_at', models.DateTimeField(null=True)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('deleted_at', models.DateTimeField(blank=True, null=True)),
                        ('facts', models.JSONField(default=dict)),
                    ],
                    options={
                        'ordering': ['id'],
                    },
                ),
                migrations.CreateModel(
                    name='Outgoing',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('to', models.CharField(max_length=254)),
                        ('what', models.CharField(max_length=24)),
                        ('about', models.BigIntegerField(null=True)),
                        ('once', models.CharField(max_length=120, unique=True)),
                        ('state', models.CharField(choices=[('waiting', 'Waiting'), ('sent', 'Sent'), ('failed', 'Not sent'), ('unsure', 'Perhaps sent')], default='waiting', max_length=8)),
                        ('turn', models.PositiveSmallIntegerField(default=1)),
                        ('begun', models.PositiveSmallIntegerField(default=0)),
                        ('error', models.CharField(blank=True, max_length=300)),
                        ('reference', models.CharField(blank=True, max_length=120)),
                        ('made_at', models.DateTimeField()),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('job', models.BigIntegerField(null=True)),
                        ('channel', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='alerts.channel')),
                        ('edits', models.BooleanField(default=False)),
                        ('severity', models.CharField(blank=True, max_length=12)),
                        ('subject', models.CharField(blank=True, max_length=200)),
                        ('thread', models.CharField(blank=True, max_length=120)),
                        ('address', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='alerts.address')),
                        ('carrier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='carried', to='alerts.outgoing')),
                        ('held_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'ordering': ['-id'],
                        'indexes': [models.Index(fields=['what', 'about'], name='outgoing_about'), models.Index(fields=['state', '-id'], name='outgoing_state'), models.Index(fields=['made_at'], name='outgoing_made'), models.Index(condition=models.Q(('thread', ''), _negated=True), fields=['thread', 'id'], name='outgoing_thread')],
                    },
                ),
                migrations.CreateModel(
                    name='ChatLink',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('digest', models.CharField(max_length=64, unique=True)),
                        ('made_at', models.DateTimeField()),
                        ('expires_at', models.DateTimeField()),
                        ('used_at', models.DateTimeField(null=True)),
                        ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='alerts.channel')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
                    ],
                ),
                migrations.CreateModel(
                    name='OwnNotice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=140, unique=True)),
                        ('subject', models.CharField(max_length=200)),
                        ('text', models.TextField()),
                        ('severity', models.CharField(blank=True, max_length=12)),
                        ('thread', models.CharField(blank=True, max_length=120)),
                        ('at', models.DateTimeField()),
                        ('read_at', models.DateTimeField(null=True)),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='own_notices', to=settings.AUTH_USER_MODEL)),
                        ('page', models.CharField(blank=True, max_length=200)),
                    ],
                    options={
                        'ordering': ['-id'],
                        'indexes': [models.Index(fields=['person', 'read_at'], name='own_notice_unread')],
                    },
                ),
                migrations.CreateModel(
                    name='Pace',
                    fields=[
                        ('key', models.CharField(max_length=60, primary_key=True, serialize=False)),
                        ('used_until', models.DateTimeField(null=True)),
                        ('rest_until', models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='Wording',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('what', models.CharField(max_length=24)),
                        ('language', models.CharField(max_length=2)),
                        ('subject', models.CharField(max_length=200)),
                        ('text', models.TextField()),
                        ('changed_at', models.DateTimeField()),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('what', 'language'), name='wording_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Address',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('to', models.CharField(max_length=254, verbose_name='address')),
                        ('name', models.CharField(blank=True, max_length=80, verbose_name='name')),
                        ('secret', models.TextField(blank=True)),
                        ('active', models.BooleanField(default=True, verbose_name='in use')),
                        ('verified_at', models.DateTimeField(null=True)),
                        ('nonce', models.CharField(blank=True, max_length=32)),
                        ('code_until', models.DateTimeField(null=True)),
                        ('code_tries', models.PositiveSmallIntegerField(default=0)),
                        ('trouble', models.CharField(blank=True, max_length=300)),
                        ('trouble_at', models.DateTimeField(null=True)),
                        ('made_at', models.DateTimeField()),
                        ('channel', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='addresses', to='alerts.channel')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='addresses', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['id'],
                        'indexes': [models.Index(fields=['channel', 'to'], name='address_to')],
                        'constraints': [models.UniqueConstraint(fields=('person', 'channel', 'to'), name='address_once')],
                    },
                ),
                migrations.CreateModel(
                    name='AlertRule',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=80, verbose_name='name')),
                        ('active', models.BooleanField(default=True, verbose_name='in use')),
                        ('since', models.DateTimeField()),
                        ('whats', models.JSONField(default=list)),
                        ('sites', models.JSONField(default=list)),
                        ('areas', models.JSONField(default=list)),
                        ('categories', models.JSONField(default=list)),
                        ('mass_from', models.PositiveIntegerField(default=10)),
                        ('hold_s', models.PositiveIntegerField(default=120)),
                        ('repeat_s', models.PositiveIntegerField(null=True)),
                        ('wakes', models.BooleanField(default=False)),
                        ('digest', models.CharField(blank=True, choices=[('', 'at once'), ('day', 'gathered, every day'), ('week', 'gathered, every week')], max_length=4)),
                        ('digest_at', models.TimeField(default='07:00')),
                        ('digest_weekday', models.PositiveSmallIntegerField(default=0)),
                        ('digested_at', models.DateTimeField(null=True)),
                        ('steps', models.JSONField(default=list, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                        ('origin', models.CharField(blank=True, max_length=24)),
                        ('deleted_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'ordering': ['id'],
                    },
                ),
                migrations.CreateModel(
                    name='Rota',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=60, verbose_name='name')),
                        ('zone', models.CharField(max_length=64, verbose_name='time zone')),
                        ('first_day', models.DateField(verbose_name='first handover')),
                        ('handover_at', models.TimeField(verbose_name='hour of handover')),
                        ('days', models.PositiveSmallIntegerField(default=7, verbose_name='days in a turn')),
                        ('deleted_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'ordering': ['id'],
                    },
                ),
                migrations.CreateModel(
                    name='Letter',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('to', models.CharField(max_length=290)),
                        ('kind', models.CharField(max_length=10)),
                        ('made_at', models.DateTimeField()),
                        ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'ordering': ['-id'],
                        'indexes': [models.Index(fields=['to', 'made_at'], name='letter_recent')],
                    },
                ),
                migrations.CreateModel(
                    name='Occurrence',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=120)),
                        ('what', models.CharField(max_length=12)),
                        ('severity', models.CharField(default='warning', max_length=12)),
                        ('incident', models.BigIntegerField(null=True)),
                        ('facts', models.JSONField(default=dict)),
                        ('sites', models.JSONField(default=list)),
                        ('areas', models.JSONField(default=list)),
                        ('categories', models.JSONField(default=list)),
                        ('size', models.PositiveIntegerField(default=1)),
                        ('parent', models.CharField(blank=True, max_length=120)),
                        ('maintenance', models.BooleanField(default=False)),
                        ('lasting', models.BooleanField(default=True)),
                        ('opened_at', models.DateTimeField()),
                        ('closed_at', models.DateTimeField(null=True)),
                        ('acknowledged_at', models.DateTimeField(null=True)),
                        ('snoozed_until', models.DateTimeField(null=True)),
                        ('look_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'ordering': ['-opened_at', '-id'],
                        'indexes': [models.Index(condition=models.Q(('look_at__isnull', False)), fields=['look_at'], name='occurrence_look'), models.Index(fields=['opened_at'], name='occurrence_opened'), models.Index(fields=['incident'], name='occurrence_incident')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('key',), name='occurrence_open_once')],
                    },
                ),
                migrations.CreateModel(
                    name='RotaTurn',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('place', models.PositiveSmallIntegerField()),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('rota', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='turns', to='alerts.rota')),
                    ],
                    options={
                        'ordering': ['place'],
                        'constraints': [models.UniqueConstraint(fields=('rota', 'person'), name='rota_person_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Suppressed',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('rule', models.PositiveBigIntegerField(default=0)),
                        ('step', models.PositiveSmallIntegerField(default=0)),
                        ('kind', models.CharField(choices=[('alarm', 'The beginning'), ('repeat', 'Reminder'), ('recovery', 'The end'), ('digest', 'In a digest')], max_length=10)),
                        ('to', models.CharField(max_length=290)),
                        ('reason', models.CharField(choices=[('off', 'The rule is switched off'), ('inactive', 'The person has no access any more'), ('scope', 'It is at a site that is not theirs'), ('not-on-call', 'Not on call then'), ('no-address', 'No address to reach them by'), ('maintenance', 'Maintenance was announced'), ('parent', 'Another trouble explains it'), ('acknowledged', 'Somebody had taken it on before their turn'), ('snoozed', 'It was snoozed'), ('already', 'Told already by another rule or step'), ('quiet', 'Their quiet hours'), ('rate', 'Too many messages in a short time'), ('gone', 'It was over before their turn'), ('not-reached', 'News of the beginning never reached them')], max_length=16)),
                        ('until', models.DateTimeField(null=True)),
                        ('at', models.DateTimeField()),
                        ('lifted_at', models.DateTimeField(null=True)),
                        ('occurrence', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='suppressed', to='alerts.occurrence')),
                    ],
                    options={
                        'ordering': ['id'],
                        'constraints': [models.UniqueConstraint(fields=('occurrence', 'to', 'kind', 'rule', 'step'), name='suppressed_one_reason')],
                    },
                ),
                migrations.CreateModel(
                    name='Swap',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('begin', models.DateTimeField(verbose_name='from')),
                        ('end', models.DateTimeField(verbose_name='until')),
                        ('note', models.CharField(blank=True, max_length=120, verbose_name='why')),
                        ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('rota', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='swaps', to='alerts.rota')),
                    ],
                    options={
                        'ordering': ['id'],
                        'indexes': [models.Index(fields=['rota', 'end'], name='swap_by_end')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('end__gt', models.F('begin'))), name='swap_ends_after_begin')],
                    },
                ),
                migrations.CreateModel(
                    name='Told',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('rule', models.PositiveBigIntegerField(default=0)),
                        ('step', models.PositiveSmallIntegerField(default=0)),
                        ('kind', models.CharField(choices=[('alarm', 'The beginning'), ('repeat', 'Reminder'), ('recovery', 'The end'), ('digest', 'In a digest')], max_length=10)),
                        ('to', models.CharField(max_length=290)),
                        ('woken', models.BooleanField(default=False)),
                        ('letter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='told', to='alerts.letter')),
                        ('occurrence', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='told', to='alerts.occurrence')),
                    ],
                    options={
                        'ordering': ['id'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('kind__in', ('alarm', 'recovery'))), fields=('occurrence', 'to', 'kind'), name='told_once')],
                    },
                ),
            ],
        ),
    ]
