import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

from ronda.storage.tables import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('routers', '0001_initial'),
        ('routers', '0002_report'),
    ]

    initial = True

    dependencies = [
        ('devices', '0001_initial'),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name='Router',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=80, verbose_name='name')),
                        ('host', models.CharField(max_length=253, verbose_name='address')),
                        ('port', models.PositiveIntegerField(blank=True, null=True, verbose_name='port')),
                        ('prefer', models.CharField(choices=[('auto', 'Find out: API over TLS, API, REST over HTTPS'), ('rest', 'REST first, then the API'), ('pinned', 'Only the one chosen here')], default='auto', max_length=8)),
                        ('transport', models.CharField(blank=True, choices=[('api-ssl', 'API over TLS (api-ssl, usually port 8729)'), ('api', 'API without encryption (api, usually port 8728)'), ('rest-https', 'REST over HTTPS (www-ssl, usually port 443)'), ('rest-http', 'REST without encryption (www, usually port 80)')], max_length=12)),
                        ('plain_rest', models.BooleanField(default=False)),
                        ('trust', models.CharField(choices=[('pin', 'The certificate of the first connection, and no other'), ('verify', 'A certificate of a known authority for this host name'), ('anonymous', 'No certificate: encrypted, but it could be anybody'), ('off', 'Any certificate (insecure)')], default='pin', max_length=12)),
                        ('pin', models.CharField(blank=True, max_length=64)),
                        ('user', models.CharField(max_length=120, verbose_name='user')),
                        ('secret', models.TextField(blank=True)),
                        ('secret_next', models.TextField(blank=True)),
                        ('timeout_ms', models.PositiveIntegerField(default=10000, verbose_name='time limit')),
                        ('poll_s', models.PositiveIntegerField(default=300, verbose_name='read every')),
                        ('active', models.BooleanField(default=True, verbose_name='in use')),
                        ('hotspot_interface', models.CharField(blank=True, max_length=120, verbose_name='hotspot interface')),
                        ('hotspot_name', models.CharField(blank=True, max_length=120, verbose_name='hotspot server')),
                        ('default_profile', models.CharField(blank=True, max_length=120, verbose_name='default profile')),
                        ('version_hint', models.CharField(blank=True, max_length=4, verbose_name='RouterOS')),
                        ('connection_status', models.CharField(choices=[('never', 'Not connected yet'), ('connected', 'Connected'), ('failed', 'Not reachable')], default='never', max_length=12)),
                        ('last_connected_at', models.DateTimeField(null=True)),
                        ('status_since', models.DateTimeField(null=True)),
                        ('error', models.TextField(blank=True)),
                        ('facts', models.JSONField(default=dict)),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('deleted_at', models.DateTimeField(blank=True, null=True)),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='routers', to='devices.site')),
                        ('report', models.JSONField(null=True)),
                        ('reported_at', models.DateTimeField(null=True)),
                    ],
                    options={
                        'verbose_name': 'router',
                        'verbose_name_plural': 'routers',
                        'ordering': ['name', 'id'],
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('name'), condition=models.Q(('deleted_at', None)), name='router_name_present'), models.CheckConstraint(condition=models.Q(('port', None), models.Q(('port__gte', 1), ('port__lte', 65535)), _connector='OR'), name='router_port'), models.CheckConstraint(condition=models.Q(('timeout_ms__gte', 1000), ('timeout_ms__lte', 60000)), name='router_timeout'), models.CheckConstraint(condition=models.Q(('poll_s__gte', 30), ('poll_s__lte', 3600)), name='router_poll'), models.CheckConstraint(condition=models.Q(('prefer__in', ['auto', 'rest', 'pinned'])), name='router_prefer'), models.CheckConstraint(condition=models.Q(models.Q(('prefer', 'pinned'), _negated=True), models.Q(('transport', ''), _negated=True), _connector='OR'), name='router_pinned')],
                    },
                ),
            ],
        ),
    ]
