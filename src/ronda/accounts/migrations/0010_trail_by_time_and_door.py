"""The trail is found by time and by door without a look at any row, however long it is."""

from typing import Any

from django.db import migrations, models


def drop_index_of_times(apps: Any, editor: Any) -> None:
    """Drop the index of `at` alone, in place: SQLite would make the whole table anew for it."""
    table = apps.get_model("accounts", "AuditRow")._meta.db_table
    with editor.connection.cursor() as cursor:
        found = editor.connection.introspection.get_constraints(cursor, table)
    for name, facts in found.items():
        if facts["index"] and facts["columns"] == ["at"]:
            editor.execute(f"DROP INDEX {editor.quote_name(name)}")


def put_it_back(apps: Any, editor: Any) -> None:
    """The index that the version before looks for."""
    model = apps.get_model("accounts", "AuditRow")
    editor.add_index(model, models.Index(fields=["at"], name="accounts_auditrow_at"))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_sealed_second_steps")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField("auditrow", "at", models.DateTimeField(verbose_name="time"))
            ],
            database_operations=[migrations.RunPython(drop_index_of_times, put_it_back)],
        ),
        migrations.AddIndex(
            "auditrow", models.Index(fields=["door", "id"], name="audit_door")
        ),
        migrations.AddIndex("auditrow", models.Index(fields=["at", "id"], name="audit_at")),
    ]
