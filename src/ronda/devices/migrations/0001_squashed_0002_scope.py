import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ronda.storage.tables import CreateModels


class Migration(migrations.Migration):

    replaces = [
        ('devices', '0001_initial'),
        ('devices', '0002_scope'),
    ]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name='Site',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=80, unique=True, verbose_name='name')),
                        ('south', models.FloatField(blank=True, null=True)),
                        ('west', models.FloatField(blank=True, null=True)),
                        ('north', models.FloatField(blank=True, null=True)),
                        ('east', models.FloatField(blank=True, null=True)),
                    ],
                    options={
                        'ordering': ['name'],
                    },
                ),
                migrations.CreateModel(
                    name='Change',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(db_index=True, verbose_name='time')),
                        ('actor', models.CharField(blank=True, max_length=150)),
                        ('kind', models.CharField(max_length=16)),
                        ('summary', models.CharField(max_length=300)),
                        ('count', models.PositiveIntegerField()),
                        ('rows', models.BinaryField()),
                        ('undone_at', models.DateTimeField(null=True)),
                        ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                        ('undoes', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to='devices.change')),
                    ],
                    options={
                        'ordering': ['-id'],
                    },
                ),
                migrations.CreateModel(
                    name='ImportDraft',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('made_at', models.DateTimeField()),
                        ('file_name', models.CharField(max_length=200)),
                        ('file_digest', models.CharField(max_length=64)),
                        ('size', models.PositiveIntegerField()),
                        ('accepted', models.JSONField(default=dict)),
                        ('committed_at', models.DateTimeField(null=True)),
                        ('change', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to='devices.change')),
                        ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='devices.site')),
                    ],
                ),
                migrations.CreateModel(
                    name='Area',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=80, verbose_name='name')),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='areas', to='devices.site')),
                    ],
                    options={
                        'ordering': ['name'],
                        'constraints': [models.UniqueConstraint(fields=('site', 'name'), name='area_name_in_site')],
                    },
                ),
                migrations.CreateModel(
                    name='Ont',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('customer_id', models.CharField(max_length=40, verbose_name='customer ID')),
                        ('name', models.CharField(max_length=120, verbose_name='name')),
                        ('location', models.CharField(blank=True, max_length=160, verbose_name='location')),
                        ('address', models.CharField(blank=True, max_length=253, verbose_name='address')),
                        ('latitude', models.FloatField(blank=True, null=True, verbose_name='latitude')),
                        ('longitude', models.FloatField(blank=True, null=True, verbose_name='longitude')),
                        ('category', models.CharField(choices=[('general', 'General'), ('csr', 'CSR'), ('apbd', 'APBD')], default='general', max_length=8, verbose_name='category')),
                        ('notes', models.TextField(blank=True, max_length=2000, verbose_name='notes')),
                        ('monitored', models.BooleanField(default=True, verbose_name='monitored')),
                        ('created_at', models.DateTimeField(auto_now_add=True)),
                        ('updated_at', models.DateTimeField(auto_now=True)),
                        ('deleted_at', models.DateTimeField(blank=True, null=True)),
                        ('area', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='onts', to='devices.area')),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='onts', to='devices.site')),
                    ],
                    options={
                        'verbose_name': 'ONT',
                        'verbose_name_plural': 'ONT',
                        'indexes': [models.Index(fields=['deleted_at', 'name', 'id'], name='ont_by_name'), models.Index(fields=['deleted_at', 'customer_id'], name='ont_by_customer'), models.Index(fields=['address'], name='ont_by_address')],
                        'constraints': [models.UniqueConstraint(condition=models.Q(('deleted_at', None)), fields=('site', 'customer_id'), name='ont_customer_id_in_site'), models.CheckConstraint(condition=models.Q(('latitude', None), models.Q(('latitude__gte', -90), ('latitude__lte', 90)), _connector='OR'), name='ont_latitude'), models.CheckConstraint(condition=models.Q(('longitude', None), models.Q(('longitude__gte', -180), ('longitude__lte', 180)), _connector='OR'), name='ont_longitude'), models.CheckConstraint(condition=models.Q(('category__in', ['general', 'csr', 'apbd'])), name='ont_category')],
                    },
                ),
                migrations.CreateModel(
                    name='Scope',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scopes', to=settings.AUTH_USER_MODEL)),
                        ('site', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scopes', to='devices.site')),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('person', 'site'), name='scope_person_site')],
                    },
                ),
            ],
        ),
    ]
