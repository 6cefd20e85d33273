import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ronda.storage.tables import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('incidents', '0001_incidents'),
        ('incidents', '0002_repeated'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('devices', '0002_scope'),
        ('monitoring', '0002_history'),
        ('routers', '0002_report'),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name='Incident',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('kind', models.CharField(choices=[('outage', 'Outage'), ('router', 'Router lost')], default='outage', max_length=8)),
                        ('scope', models.CharField(choices=[('ont', 'One ONT'), ('area', 'Area'), ('router', 'Behind a router'), ('site', 'Whole site'), ('fleet', 'Several sites')], max_length=8)),
                        ('severity', models.PositiveSmallIntegerField(choices=[(1, 'Minor'), (2, 'Major'), (3, 'Critical')], verbose_name='severity')),
                        ('facts', models.JSONField(default=dict)),
                        ('onts', models.PositiveIntegerField(default=0)),
                        ('out', models.PositiveIntegerField(default=0)),
                        ('began_at', models.DateTimeField(verbose_name='since')),
                        ('last_lost_at', models.DateTimeField()),
                        ('last_back_at', models.DateTimeField(null=True)),
                        ('router_back_at', models.DateTimeField(null=True)),
                        ('opened_at', models.DateTimeField()),
                        ('closed_at', models.DateTimeField(null=True)),
                        ('silent', models.BooleanField(default=False)),
                        ('acknowledged_at', models.DateTimeField(null=True)),
                        ('snoozed_until', models.DateTimeField(null=True)),
                        ('acknowledged_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('area', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='devices.area')),
                        ('assigned_to', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                        ('merged_into', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='parts', to='incidents.incident')),
                        ('ont', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='devices.ont')),
                        ('router', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='routers.router')),
                        ('site', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='devices.site')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['closed_at', '-severity', '-out'], name='incident_worst'), models.Index(fields=['-opened_at'], name='incident_newest')],
                        'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['outage', 'router'])), name='incident_kind'), models.CheckConstraint(condition=models.Q(('scope__in', ['ont', 'area', 'router', 'site', 'fleet'])), name='incident_scope'), models.UniqueConstraint(condition=models.Q(('closed_at', None), ('kind', 'router')), fields=('router',), name='one_open_incident_of_router')],
                    },
                ),
                migrations.CreateModel(
                    name='IncidentOnt',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('lost_at', models.DateTimeField()),
                        ('back_at', models.DateTimeField(null=True)),
                        ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='incidents.incident')),
                        ('ont', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.ont')),
                        ('outage', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='incident_ont', to='monitoring.outage')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['incident', 'back_at'], name='incident_ont_out'), models.Index(condition=models.Q(('back_at', None)), fields=['ont'], name='incident_ont_open')],
                    },
                ),
                migrations.CreateModel(
                    name='Step',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('change', models.CharField(max_length=16)),
                        ('actor', models.CharField(blank=True, max_length=150)),
                        ('text', models.TextField(blank=True)),
                        ('details', models.JSONField(default=dict)),
                        ('incident', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='incidents.incident')),
                        ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['incident', 'id'], name='incident_steps')],
                    },
                ),
                migrations.CreateModel(
                    name='Held',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('why', models.CharField(choices=[('never', 'It never answered since the watch began.'), ('window', 'It was in a maintenance window.')], max_length=8)),
                        ('held_at', models.DateTimeField()),
                        ('free_from', models.DateTimeField(null=True)),
                        ('released_at', models.DateTimeField(null=True)),
                        ('ont', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.ont')),
                        ('outage', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='held', to='monitoring.outage')),
                    ],
                    options={
                        'indexes': [models.Index(condition=models.Q(('released_at', None)), fields=['why'], name='held_now')],
                    },
                ),
                migrations.CreateModel(
                    name='Repeated',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('since', models.DateTimeField()),
                        ('count', models.PositiveIntegerField()),
                        ('told_at', models.DateTimeField()),
                        ('incident', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='incidents.incident')),
                        ('ont', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.ont')),
                    ],
                    options={
                        'indexes': [models.Index(fields=['ont', '-told_at'], name='repeated_by_ont')],
                    },
                ),
            ],
        ),
    ]
