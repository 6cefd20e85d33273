from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('routers', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='router',
            name='report',
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name='router',
            name='reported_at',
            field=models.DateTimeField(null=True),
        ),
    ]
