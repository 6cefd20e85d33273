import django.contrib.auth.models
import django.contrib.auth.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from ronda.accounts import guard
from ronda.storage.tables import CreateModels


def put_guard(_apps, schema_editor):
    """Let the database refuse changes of the audit trail."""
    guard.put(schema_editor.connection)


def remove_guard(_apps, schema_editor):
    guard.remove(schema_editor.connection)


class Migration(migrations.Migration):

    replaces = [
        ('accounts', '0001_initial'),
        ('accounts', '0002_roles'),
        ('accounts', '0003_narrowed'),
        ('accounts', '0004_zones_and_quiet_hours'),
        ('accounts', '0005_endings'),
        ('accounts', '0006_trail'),
        ('accounts', '0007_sign_ins'),
        ('accounts', '0008_scopes_and_programs'),
    ]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        CreateModels(
            models=[
                migrations.CreateModel(
                    name='Person',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('password', models.CharField(max_length=128, verbose_name='password')),
                        ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                        ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                        ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                        ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                        ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                        ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                        ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                        ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                        ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                        ('role', models.CharField(choices=[('owner', 'Owner'), ('admin', 'Administrator'), ('noc', 'NOC operator'), ('technician', 'Technician'), ('cashier', 'Cashier'), ('reseller', 'Reseller'), ('viewer', 'Viewer')], default='viewer', max_length=16, verbose_name='role')),
                        ('language', models.CharField(blank=True, max_length=2, verbose_name='language')),
                        ('must_change_password', models.BooleanField(default=False, verbose_name='must choose a new password')),
                        ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                        ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                        ('narrowed', models.BooleanField(default=False)),
                        ('phone', models.CharField(blank=True, max_length=20, verbose_name='phone')),
                        ('quiet_from', models.TimeField(blank=True, null=True, verbose_name='quiet from')),
                        ('quiet_to', models.TimeField(blank=True, null=True, verbose_name='quiet to')),
                        ('time_zone', models.CharField(blank=True, max_length=64, verbose_name='time zone')),
                        ('generation', models.PositiveIntegerField(default=0)),
                    ],
                    options={
                        'verbose_name': 'person',
                        'verbose_name_plural': 'people',
                        'abstract': False,
                        'constraints': [models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'admin', 'noc', 'technician', 'cashier', 'reseller', 'viewer'])), name='person_role'), models.CheckConstraint(condition=models.Q(models.Q(('quiet_from', None), ('quiet_to', None)), models.Q(('quiet_from__isnull', False), ('quiet_to__isnull', False)), _connector='OR'), name='person_quiet')],
                    },
                    managers=[
                        ('objects', django.contrib.auth.models.UserManager()),
                    ],
                ),
                migrations.CreateModel(
                    name='ApiToken',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('name', models.CharField(max_length=80, verbose_name='name')),
                        ('prefix', models.CharField(max_length=12)),
                        ('digest', models.CharField(max_length=64, unique=True)),
                        ('role', models.CharField(choices=[('owner', 'Owner'), ('admin', 'Administrator'), ('noc', 'NOC operator'), ('technician', 'Technician'), ('cashier', 'Cashier'), ('reseller', 'Reseller'), ('viewer', 'Viewer')], max_length=16, verbose_name='role')),
                        ('made_at', models.DateTimeField()),
                        ('used_at', models.DateTimeField(null=True)),
                        ('expires_at', models.DateTimeField(null=True)),
                        ('revoked_at', models.DateTimeField(null=True)),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
                        ('addresses', models.CharField(blank=True, max_length=500)),
                        ('groups', models.JSONField(default=list)),
                        ('read_only', models.BooleanField(default=False, verbose_name='reads only')),
                        ('used_from', models.CharField(blank=True, max_length=64)),
                    ],
                ),
                migrations.CreateModel(
                    name='AuditRow',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(db_index=True, verbose_name='time')),
                        ('actor', models.CharField(max_length=150, verbose_name='who')),
                        ('action', models.CharField(max_length=64, verbose_name='action')),
                        ('subject', models.CharField(max_length=200, verbose_name='what')),
                        ('before', models.JSONField(null=True)),
                        ('after', models.JSONField(null=True)),
                        ('source', models.CharField(blank=True, max_length=64, verbose_name='from')),
                        ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL)),
                        ('door', models.CharField(blank=True, choices=[('page', 'Page'), ('api', 'API'), ('older', 'Older API'), ('callback', "Gateway's call"), ('terminal', 'Terminal'), ('work', 'Ronda itself')], max_length=8, verbose_name='door')),
                        ('fingerprint', models.CharField(blank=True, max_length=64)),
                        ('position', models.BigIntegerField(null=True, unique=True)),
                        ('stamp', models.CharField(blank=True, max_length=64)),
                    ],
                    options={
                        'ordering': ['-id'],
                        'indexes': [models.Index(fields=['actor', 'id'], name='audit_actor'), models.Index(fields=['action', 'id'], name='audit_action'), models.Index(fields=['source', 'id'], name='audit_source'), models.Index(condition=models.Q(('position__isnull', True)), fields=['id'], name='audit_unlinked')],
                    },
                ),
                migrations.CreateModel(
                    name='SetupLink',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('digest', models.CharField(max_length=64, unique=True)),
                        ('made_at', models.DateTimeField()),
                        ('expires_at', models.DateTimeField()),
                        ('used_at', models.DateTimeField(null=True)),
                        ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
                        ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                    ],
                ),
                migrations.CreateModel(
                    name='AuditCheck',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField()),
                        ('rows', models.BigIntegerField()),
                        ('position', models.BigIntegerField()),
                        ('fingerprint', models.CharField(blank=True, max_length=64)),
                        ('trouble', models.TextField(blank=True)),
                    ],
                ),
                migrations.CreateModel(
                    name='AuditDoor',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('opened_at', models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name='AuditKey',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('since', models.BigIntegerField(unique=True)),
                        ('secret', models.TextField()),
                        ('made_at', models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name='AuditMark',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('sealed', models.TextField()),
                        ('made_at', models.DateTimeField()),
                    ],
                ),
                migrations.CreateModel(
                    name='Device',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('digest', models.CharField(max_length=64)),
                        ('agent', models.CharField(blank=True, max_length=200)),
                        ('address', models.CharField(blank=True, max_length=64)),
                        ('first_at', models.DateTimeField()),
                        ('last_at', models.DateTimeField()),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='known_devices', to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'constraints': [models.UniqueConstraint(fields=('person', 'digest'), name='device_once')],
                    },
                ),
                migrations.CreateModel(
                    name='SignIn',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('at', models.DateTimeField(db_index=True)),
                        ('who', models.CharField(max_length=64)),
                        ('outcome', models.CharField(choices=[('good', 'signed in'), ('wrong', 'wrong')], max_length=8)),
                        ('way', models.CharField(choices=[('password', 'password'), ('code', 'password and code'), ('passkey', 'passkey'), ('link', 'one-time link'), ('program', 'program')], max_length=8)),
                        ('address', models.CharField(blank=True, max_length=64)),
                        ('place', models.CharField(blank=True, max_length=64)),
                        ('agent', models.CharField(blank=True, max_length=200)),
                        ('is_new', models.BooleanField(default=False)),
                        ('device', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, to='accounts.device')),
                        ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, to=settings.AUTH_USER_MODEL)),
                    ],
                    options={
                        'indexes': [models.Index(fields=['who', 'at'], name='sign_in_who'), models.Index(fields=['place', 'at'], name='sign_in_place')],
                    },
                ),
                migrations.CreateModel(
                    name='ApiSession',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('key', models.CharField(max_length=32, unique=True)),
                        ('refresh', models.CharField(max_length=32)),
                        ('made_at', models.DateTimeField()),
                        ('used_at', models.DateTimeField()),
                        ('expires_at', models.DateTimeField()),
                        ('ended_at', models.DateTimeField(null=True)),
                        ('address', models.CharField(blank=True, max_length=64)),
                        ('agent', models.CharField(blank=True, max_length=200)),
                        ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_sessions', to=settings.AUTH_USER_MODEL)),
                    ],
                ),
            ],
        ),
        migrations.RunPython(put_guard, remove_guard),
    ]
