from django.db import migrations, models

from ronda.storage.tables import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('work', '0001_initial'),
        ('work', '0002_tuning'),
        ('work', '0003_job'),
    ]

    initial = True

    dependencies = [
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name='Cursor',
                    fields=[
                        ('consumer', models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ('last_id', models.BigIntegerField(default=0)),
                        ('moved_at', models.DateTimeField(null=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='Event',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(db_index=True, verbose_name='time')),
                        ('topic', models.CharField(max_length=64)),
                        ('payload', models.JSONField()),
                    ],
                    options={
                        'ordering': ['id'],
                    },
                ),
                migrations.CreateModel(
                    name='Schedule',
                    fields=[
                        ('name', models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ('ran_at', models.DateTimeField(null=True)),
                        ('leased_until', models.DateTimeField(null=True)),
                        ('failures', models.PositiveIntegerField(default=0)),
                        ('trouble', models.TextField(blank=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='Tuning',
                    fields=[
                        ('name', models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ('value', models.JSONField()),
                        ('changed_at', models.DateTimeField(verbose_name='time')),
                        ('changed_by', models.CharField(blank=True, max_length=150)),
                    ],
                ),
                migrations.CreateModel(
                    name='Job',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(max_length=64)),
                        ('payload', models.JSONField()),
                        ('lock', models.CharField(blank=True, max_length=100)),
                        ('unique', models.CharField(max_length=150, null=True)),
                        ('state', models.CharField(choices=[('waiting', 'Waiting'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('unknown', 'Outcome unknown')], default='waiting', max_length=8)),
                        ('created_at', models.DateTimeField()),
                        ('run_at', models.DateTimeField()),
                        ('start_by', models.DateTimeField(null=True)),
                        ('started_at', models.DateTimeField(null=True)),
                        ('finished_at', models.DateTimeField(null=True)),
                        ('attempts', models.PositiveSmallIntegerField(default=0)),
                        ('max_attempts', models.PositiveSmallIntegerField(default=1)),
                        ('owner', models.CharField(blank=True, max_length=32)),
                        ('beat', models.BigIntegerField(default=0)),
                        ('done', models.PositiveIntegerField(default=0)),
                        ('total', models.PositiveIntegerField(default=0)),
                        ('progress', models.CharField(blank=True, max_length=200)),
                        ('result', models.JSONField(null=True)),
                        ('error', models.TextField(blank=True)),
                        ('code', models.CharField(blank=True, max_length=40)),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('state__in', ('waiting', 'running'))), fields=['state', 'lock', 'id'], name='job_unfinished'), models.Index(fields=['finished_at'], name='job_finished')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ('waiting', 'running'))), fields=('unique',), name='job_unique_unfinished'), models.UniqueConstraint(condition=models.Q(('state', 'running'), models.Q(('lock', ''), _negated=True)), fields=('lock',), name='job_one_per_lock')],
                    },
                ),
            ],
        ),
    ]
