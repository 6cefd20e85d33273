import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ronda.storage.tables import CreateModels


def store_as_is(_apps, schema_editor):
    """PostgreSQL must not try to compress what is deflated already, so that parts can be read."""
    if schema_editor.connection.vendor != "postgresql":
        return
    for table, columns in (
        ("sweep", ["codes"]),
        ("hourchunk", ["codes"]),
        ("daychunk", ["codes"]),
        ("hourcolumn", ["starts", "shares", "rtts"]),
    ):
        for column in columns:
            schema_editor.execute(
                f"ALTER TABLE monitoring_{table} ALTER COLUMN {column} SET STORAGE EXTERNAL"
            )


class Migration(migrations.Migration):

    replaces = [
        ('monitoring', '0001_initial'),
        ('monitoring', '0002_history'),
        ('monitoring', '0003_maintenance'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('devices', '0002_scope'),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name='Poller',
                    fields=[
                        ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                        ('started_at', models.DateTimeField()),
                        ('alive_at', models.DateTimeField()),
                        ('method', models.CharField(blank=True, max_length=20)),
                        ('interval_s', models.FloatField()),
                        ('targets', models.PositiveIntegerField(default=0)),
                        ('sweep', models.PositiveBigIntegerField(default=0)),
                        ('swept_from', models.DateTimeField(null=True)),
                        ('swept_to', models.DateTimeField(null=True)),
                        ('sent', models.PositiveIntegerField(default=0)),
                        ('answered', models.PositiveIntegerField(default=0)),
                        ('missed', models.PositiveIntegerField(default=0)),
                        ('late', models.PositiveIntegerField(default=0)),
                        ('duplicates', models.PositiveIntegerField(default=0)),
                        ('dropped', models.PositiveIntegerField(default=0)),
                        ('uncertain', models.BooleanField(default=False)),
                        ('blind_since', models.DateTimeField(null=True)),
                        ('canaries', models.JSONField(default=dict)),
                        ('trouble', models.TextField(blank=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='Unobserved',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('poller', models.CharField(max_length=40)),
                        ('started_at', models.DateTimeField(db_index=True)),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('reason', models.CharField(max_length=20)),
                    ],
                    options={
                        'ordering': ['started_at'],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('poller',), name='one_open_unobserved')],
                    },
                ),
                migrations.CreateModel(
                    name='Watch',
                    fields=[
                        ('ont', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='watch', serialize=False, to='devices.ont')),
                        ('state', models.CharField(choices=[('unknown', 'Unknown'), ('up', 'Up'), ('suspect', 'Being checked'), ('down', 'Down'), ('unreachable', 'Unreachable'), ('maintenance', 'Maintenance'), ('paused', 'Not monitored')], default='unknown', max_length=12)),
                        ('since', models.DateTimeField(null=True)),
                        ('first_miss_at', models.DateTimeField(null=True)),
                        ('misses', models.PositiveIntegerField(default=0)),
                        ('last_ok_at', models.DateTimeField(null=True)),
                        ('rtt_us', models.PositiveIntegerField(null=True)),
                        ('flapping', models.BooleanField(default=False)),
                        ('degraded', models.BooleanField(default=False)),
                        ('reason', models.CharField(blank=True, max_length=40)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['state', 'since'], name='watch_by_state')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['unknown', 'up', 'suspect', 'down', 'unreachable', 'maintenance', 'paused'])), name='watch_state')],
                    },
                ),
                migrations.CreateModel(
                    name='Outage',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('started_at', models.DateTimeField(verbose_name='start')),
                        ('confirmed_at', models.DateTimeField(verbose_name='confirmed')),
                        ('last_ok_at', models.DateTimeField(null=True)),
                        ('ended_at', models.DateTimeField(null=True, verbose_name='end')),
                        ('cause', models.CharField(default='silent', max_length=40)),
                        ('cleared_at', models.DateTimeField(null=True)),
                        ('ont', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='outages', to='devices.ont')),
                    ],
                    options={
                        'ordering': ['-started_at', '-id'],
                        'indexes': [models.Index(fields=['ont', 'started_at'], name='outage_by_ont'), models.Index(fields=['started_at'], name='outage_by_start'), models.Index(fields=['ended_at'], name='outage_by_end')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at', None)), fields=('ont',), name='one_open_outage'), models.CheckConstraint(condition=models.Q(('ended_at', None), ('ended_at__gte', models.F('started_at')), _connector='OR'), name='outage_ends_after_start')],
                    },
                ),
                migrations.CreateModel(
                    name='Transition',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('decided_at', models.DateTimeField()),
                        ('before', models.CharField(max_length=12)),
                        ('after', models.CharField(max_length=12)),
                        ('reason', models.CharField(max_length=40)),
                        ('evidence', models.JSONField(default=dict)),
                        ('ont', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='transitions', to='devices.ont')),
                    ],
                    options={
                        'ordering': ['-id'],
                        'indexes': [models.Index(fields=['ont', '-decided_at'], name='transition_by_ont')],
                    },
                ),
                migrations.CreateModel(
                    name='DayChunk',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('codes', models.BinaryField()),
                    ],
                ),
                migrations.CreateModel(
                    name='HourChunk',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('codes', models.BinaryField()),
                    ],
                ),
                migrations.CreateModel(
                    name='HourColumn',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('starts', models.BinaryField()),
                        ('shares', models.BinaryField()),
                        ('rtts', models.BinaryField()),
                    ],
                ),
                migrations.CreateModel(
                    name='Sweep',
                    fields=[
                        ('id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('took_ms', models.PositiveIntegerField()),
                        ('codes', models.BinaryField()),
                    ],
                ),
                migrations.CreateModel(
                    name='Window',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120, verbose_name='what is done')),
                        ('repeat', models.CharField(choices=[('once', 'Once'), ('daily', 'Every day'), ('weekly', 'Every week'), ('monthly', 'Every month')], default='once', max_length=8)),
                        ('zone', models.CharField(choices=[('WIB', 'WIB'), ('WITA', 'WITA'), ('WIT', 'WIT')], default='WIB', max_length=4)),
                        ('first', models.DateField(verbose_name='first day')),
                        ('at', models.TimeField(verbose_name='begins at')),
                        ('minutes', models.PositiveIntegerField(verbose_name='minutes')),
                        ('days', models.JSONField(default=list)),
                        ('last', models.DateField(null=True, verbose_name='until')),
                        ('next_at', models.DateTimeField(db_index=True, null=True)),
                        ('made_at', models.DateTimeField()),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('area', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.area')),
                        ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('onts', models.ManyToManyField(related_name='+', to='devices.ont')),
                        ('site', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.site')),
                    ],
                    options={
                        'ordering': ['name', 'id'],
                        'constraints': [models.CheckConstraint(condition=models.Q(('repeat__in', ['once', 'daily', 'weekly', 'monthly'])), name='window_repeat')],
                    },
                ),
                migrations.CreateModel(
                    name='Work',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=120)),
                        ('onts', models.JSONField(default=list)),
                        ('started_at', models.DateTimeField()),
                        ('ended_at', models.DateTimeField(db_index=True)),
                        ('area', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.area')),
                        ('site', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.site')),
                        ('window', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='works', to='monitoring.window')),
                    ],
                    options={
                        'ordering': ['-started_at', '-id'],
                        'indexes': [models.Index(fields=['started_at'], name='work_by_start')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('ended_at__gte', models.F('started_at'))), name='work_ends_after_start'), models.UniqueConstraint(fields=('window', 'started_at'), name='work_once')],
                    },
                ),
            ],
        ),
        migrations.RunPython(store_as_is, migrations.RunPython.noop),
    ]
