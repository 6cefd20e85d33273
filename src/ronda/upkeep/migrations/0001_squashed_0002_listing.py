import django.db.models.deletion
from django.db import migrations, models

from ronda.storage.tables import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('upkeep', '0001_initial'),
        ('upkeep', '0002_listing'),
    ]

    initial = True

    dependencies = [
        ('routers', '0001_initial'),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name='LogCopy',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('read_at', models.DateTimeField()),
                        ('lines', models.JSONField(default=list)),
                        ('router', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='routers.router')),
                    ],
                ),
                migrations.CreateModel(
                    name='Copy',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(verbose_name='time')),
                        ('form', models.CharField(choices=[('rsc', 'Script (.rsc)'), ('backup', 'Binary (.backup)'), ('txt', 'Listing for comparing (.txt)')], max_length=8)),
                        ('name', models.CharField(max_length=120)),
                        ('size', models.PositiveIntegerField()),
                        ('sha256', models.CharField(max_length=64)),
                        ('content_sha256', models.CharField(blank=True, max_length=64)),
                        ('version', models.CharField(blank=True, max_length=40)),
                        ('by', models.CharField(blank=True, max_length=150)),
                        ('sensitive', models.BooleanField(default=False)),
                        ('checked_at', models.DateTimeField()),
                        ('router', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='routers.router')),
                    ],
                    options={
                        'ordering': ['-at', '-id'],
                        'indexes': [models.Index(fields=['router', '-at'], name='copy_newest')],
                    },
                ),
                migrations.CreateModel(
                    name='Hour',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('readings', models.PositiveIntegerField()),
                        ('cpu', models.FloatField(null=True)),
                        ('cpu_most', models.FloatField(null=True)),
                        ('memory', models.FloatField(null=True)),
                        ('memory_most', models.FloatField(null=True)),
                        ('disk', models.FloatField(null=True)),
                        ('temperature', models.FloatField(null=True)),
                        ('temperature_most', models.FloatField(null=True)),
                        ('voltage', models.FloatField(null=True)),
                        ('p50_ms', models.FloatField(null=True)),
                        ('p95_ms', models.FloatField(null=True)),
                        ('router', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='routers.router')),
                    ],
                    options={
                        'ordering': ['-at'],
                        'constraints': [models.UniqueConstraint(fields=('router', 'at'), name='hour_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Reading',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('uptime_s', models.BigIntegerField(null=True)),
                        ('cpu', models.FloatField(null=True)),
                        ('memory_free', models.BigIntegerField(null=True)),
                        ('memory_total', models.BigIntegerField(null=True)),
                        ('disk_free', models.BigIntegerField(null=True)),
                        ('disk_total', models.BigIntegerField(null=True)),
                        ('temperature', models.FloatField(null=True)),
                        ('voltage', models.FloatField(null=True)),
                        ('clock_off_s', models.FloatField(null=True)),
                        ('sensors', models.JSONField(default=list)),
                        ('calls', models.PositiveIntegerField(default=0)),
                        ('calls_failed', models.PositiveIntegerField(default=0)),
                        ('p50_ms', models.FloatField(null=True)),
                        ('p95_ms', models.FloatField(null=True)),
                        ('router', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='routers.router')),
                    ],
                    options={
                        'ordering': ['-at'],
                        'indexes': [models.Index(fields=['at'], name='reading_at')],
                        'constraints': [models.UniqueConstraint(fields=('router', 'at'), name='reading_once')],
                    },
                ),
                migrations.CreateModel(
                    name='Span',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('connected', models.BooleanField()),
                        ('since', models.DateTimeField(verbose_name='since')),
                        ('seen_at', models.DateTimeField()),
                        ('until', models.DateTimeField(null=True)),
                        ('attempts', models.PositiveIntegerField(default=0)),
                        ('transport', models.CharField(blank=True, max_length=12)),
                        ('code', models.CharField(blank=True, max_length=40)),
                        ('text', models.CharField(blank=True, max_length=500)),
                        ('router', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='routers.router')),
                    ],
                    options={
                        'ordering': ['-since', '-id'],
                        'indexes': [models.Index(fields=['router', '-since'], name='span_newest')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('until', None)), fields=('router',), name='span_one_open')],
                    },
                ),
                migrations.CreateModel(
                    name='Trouble',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('lost', 'lost'), ('disk', 'disk'), ('memory', 'memory'), ('cpu', 'cpu'), ('temperature', 'temperature'), ('clock', 'clock'), ('backup', 'backup')], max_length=12)),
                        ('on', models.BooleanField(default=False)),
                        ('streak', models.PositiveIntegerField(default=0)),
                        ('since', models.DateTimeField(null=True)),
                        ('value', models.FloatField(null=True)),
                        ('text', models.CharField(blank=True, max_length=500)),
                        ('router', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='routers.router')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('router', 'kind'), name='trouble_once')],
                    },
                ),
            ],
        ),
    ]
