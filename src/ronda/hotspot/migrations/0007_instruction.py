"""What is asked of a router is an instruction; an order is a purchase in the shop."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("hotspot", "0006_held_indexes")]

    operations = [
        migrations.RenameModel(old_name="Order", new_name="Instruction"),
        migrations.RenameField(model_name="action", old_name="order", new_name="instruction"),
    ]
