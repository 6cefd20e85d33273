"""Which migrations this version of the product knows, and whether the database has them all."""

from pathlib import Path
from pkgutil import iter_modules


def known_migrations() -> set[str]:
    """All migrations on disk, as `app.name`, of Django's parts too; asks no database.

    By the names of their files: every process asks at its start, and need not read them all.
    """
    from django.apps import apps

    return {
        f"{config.label}.{module.name}"
        for config in apps.get_app_configs()
        for module in iter_modules([str(Path(config.path) / "migrations")])
        if module.name[0] not in "_~" and not module.ispkg
    }


def is_complete() -> bool:
    """Whether the database has every migration of this version: then there is nothing to migrate."""
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    applied = MigrationRecorder(connection).applied_migrations()
    return known_migrations() <= {f"{app}.{name}" for app, name in applied}
